import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { minuteMs } from "../../durations.ts";

const maxClockDifferenceMs = 5 * minuteMs;

const rawBodies = new WeakMap<FastifyRequest, Buffer>();

/**
 * Requests below need the integrator's signature beside the bearer key: `X-Timestamp` in milliseconds, and `X-Signature:
 * sha256=` with the hex HMAC-SHA-256 of `timestamp.METHOD.path?sorted query.hash`, where the hash is the body's SHA-256 in
 * hex, and empty without a body. It is checked before the request's shape.
 */
export function requireIntegratorSignature(app: FastifyInstance, secret: string, clock: () => Date): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    rawBodies.set(request, body as Buffer);
    app.getDefaultJsonParser("error", "error")(request, body.toString(), done);
  });
  app.addHook("preValidation", async (request) => {
    checkSignature(request, secret, clock());
  });
}

/** @throws LinchpinError `credentials_missing`; `caller_unknown`: the signature is wrong, or its time */
function checkSignature(request: FastifyRequest, secret: string, now: Date): void {
  const { "x-timestamp": timestamp, "x-signature": signature } = request.headers;
  if (timestamp === undefined || signature === undefined) throw new LinchpinError("credentials_missing");
  const isOfNow =
    /^\d{1,15}$/.test(`${timestamp}`) && Math.abs(Number(timestamp) - now.getTime()) <= maxClockDifferenceMs;
  if (!isOfNow) throw unknown("X-Timestamp is no time in milliseconds, or more than 5 minutes off");
  const signed = [timestamp, request.method, targetOf(request.url), bodyHash(rawBodies.get(request))].join(".");
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(signed).digest("hex")}`);
  const given = Buffer.from(`${signature}`.toLowerCase());
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw unknown("X-Signature is wrong");
}

function targetOf(url: string): string {
  const [path = "", query = ""] = url.split("?", 2);
  return query === "" ? path : `${path}?${query.split("&").toSorted().join("&")}`;
}

function bodyHash(body: Buffer | undefined): string {
  return body === undefined || body.length === 0 ? "" : createHash("sha256").update(body).digest("hex");
}

function unknown(reason: string): LinchpinError {
  return new LinchpinError("caller_unknown", { reason });
}
