import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { auditRefused, throttledFacts } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { minuteMs } from "../durations.ts";
import { callerName, hasWrongSecret, knownCallerOf } from "../http/index.ts";

/**
 * The PIN try limit bounds the guesses at one card's PIN, but not those of a caller who tries many cards twice each. So a
 * caller with `perMinute` failed attempts at one route, counted over all servers, is refused there until the next minute,
 * before anything is decrypted. Each process appends one audit event a minute. A process learns the other processes'
 * counts when it next records a failed attempt, so there may be one more attempt per process; a request without a failed
 * attempt costs nothing.
 */
export function throttleFailedAttempts(app: FastifyInstance, context: Context, perMinute: number): void {
  const wrong = new Map<string, { minute: number; count: number; isTold: boolean }>();

  app.addHook("preParsing", async (request) => {
    const counted = countOf(request);
    if (counted === undefined || counted.count < perMinute) return;
    const error = new LinchpinError("rate_limited", { reason: "too many wrong PINs, signing methods or TANs" });
    if (!counted.isTold) {
      counted.isTold = true;
      await tellAudit(request, error);
    }
    throw error;
  });

  app.addHook("onSend", async (request) => {
    if (!hasWrongSecret(request)) return;
    const counted = countOf(request) ?? { minute: currentMinute(), count: 0, isTold: false };
    wrong.set(nameOf(request), counted);
    counted.count++;
    // The answer stands; without the store, this process counts on.
    const ofAll = await context.store.countWrongSecret(nameOf(request), context.clock()).catch(() => 0);
    counted.count = Math.max(counted.count, ofAll);
  });

  function countOf(request: FastifyRequest) {
    const counted = wrong.get(nameOf(request));
    return counted?.minute === currentMinute() ? counted : undefined;
  }

  async function tellAudit(request: FastifyRequest, error: LinchpinError): Promise<void> {
    const caller = knownCallerOf(request);
    if (caller === undefined) return;
    const id = caller.kind === "partner" ? caller.partnerId : caller.name;
    const operation = `${request.method} ${request.routeOptions.url}`;
    await context.store.appendAuditEvent(auditRefused(context, { id }, error, throttledFacts(operation, caller)));
  }

  function currentMinute(): number {
    return Math.floor(context.clock().getTime() / minuteMs);
  }
}

/** Callers are known and routes are as written: there are not many names. */
function nameOf(request: FastifyRequest): string {
  return `${callerName(request)} ${request.method} ${request.routeOptions.url}`;
}
