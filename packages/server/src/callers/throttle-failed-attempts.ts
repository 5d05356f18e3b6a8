import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { auditRefused, throttledFacts } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { callerName, hasWrongSecret, knownCallerOf } from "../http/index.ts";
import { issuerEvents } from "../outbox/index.ts";
import { type ReportOutcome, WrongSecretLimit } from "./wrong-secret-limit.ts";

const reservations = new WeakMap<FastifyRequest, ReportOutcome>();

/**
 * A card's tries bound the guesses at one PIN, not those of a caller who tries each card twice. So a caller who was
 * wrong `perMinute` times at one route, on whichever servers, waits there for the next minute, before anything of theirs
 * is opened; each process records that in the audit once a minute. Routes take part by `comparesSecret`. A request reserves
 * its attempt when its body is there: bodies that are held back and released together get no more.
 */
export function throttleFailedAttempts(app: FastifyInstance, context: Context, perMinute: number): void {
  const limit = new WrongSecretLimit(context, perMinute);
  context.onReset?.(() => limit.forget());

  // Without a promise where nothing is compared.
  app.addHook("preHandler", (request, _reply, done) => {
    if (request.routeOptions.config.wrongSecrets === undefined) done();
    else reserve(request).then(() => done(), done);
  });

  async function reserve(request: FastifyRequest): Promise<void> {
    const reserved = await limit.reserve(nameOf(request));
    if (typeof reserved === "function") {
      reservations.set(request, reserved);
      return;
    }
    const error = new LinchpinError("rate_limited", { reason: "too many wrong PINs, signing methods or TANs" });
    if (reserved.isFirst) await tellAudit(request, error);
    throw error;
  }

  app.addHook("onSend", (request, _reply, _payload, done) => {
    reservations.get(request)?.(hasWrongSecret(request) ? "wrong" : "right");
    done();
  });

  // Where the caller has gone, no answer is sent: what was compared is not known, and counts.
  app.addHook("onResponse", (request, _reply, done) => {
    reservations.get(request)?.("wrong");
    done();
  });

  async function tellAudit(request: FastifyRequest, error: LinchpinError): Promise<void> {
    const caller = knownCallerOf(request);
    if (caller === undefined) return;
    const id = caller.kind === "partner" ? caller.partnerId : caller.name;
    const operation = `${request.method} ${request.routeOptions.url}`;
    const audit = auditRefused(context, { id }, error, throttledFacts(operation, caller));
    const events = issuerEvents(context, "caller.throttled", { caller: callerName(request), operation });
    await context.store.appendAuditEvent(audit, events);
  }
}

/** The secret was right, and what the request still waits for does not depend on it. */
export function reportRightSecret(request: FastifyRequest): void {
  reservations.get(request)?.("right");
}

/** Callers are known and routes are as written: there are not many names. */
function nameOf(request: FastifyRequest): string {
  return `${callerName(request)} ${request.method} ${request.routeOptions.url}`;
}
