import { createHash } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { IdempotentAnswer } from "@linchpin/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../context/index.ts";
import { dayMs, minuteMs } from "../../durations.ts";
import { partnerOf } from "../../http/index.ts";

/** A request that is longer under way has no answer because its process ended. */
const abandonedAfterMs = minuteMs;
const maxKeyLength = 255;

/** The answer of a request, to be kept in the transaction of its change. Undefined where it has no idempotency key. */
export type KeepAnswer = (body: object) => IdempotentAnswer | undefined;

interface Reserved {
  readonly clientId: string;
  readonly key: string;
}

const reservations = new WeakMap<FastifyRequest, Reserved>();

/** Keeps the refusals of requests that `answerOnce` reserved, and releases what may be sent again. */
export function keepRefusals(app: FastifyInstance, context: Context): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const reserved = reservations.get(request);
    if (reserved === undefined) return;
    const { statusCode: status } = reply;
    // Whoever is refused for the moment asks again, and so does whoever was answered by a failure.
    const isFinal = status < 500 && status !== 409 && status !== 429;
    if (isFinal) await context.store.answerIdempotentRequest({ ...reserved, status, body: String(payload) });
    else await context.store.releaseIdempotentRequest(reserved.clientId, reserved.key);
  });
}

/**
 * Answers a request with an idempotency key once: the same request again gets the same answer, without anything being
 * done. The check stands before that of replay marks, as clients repeat a request whose answer was lost.
 * @param isWellFormed false: the request fails validation, and nothing of it is kept
 * @throws LinchpinError `idempotency_key_used`: the key came with other parameters; `conflict`: the request is under way;
 *   what `act` throws
 */
export async function answerOnce(
  context: Context,
  { request, reply, isWellFormed }: { request: FastifyRequest; reply: FastifyReply; isWellFormed: boolean },
  act: (keepAnswer: KeepAnswer) => Promise<object>,
): Promise<string> {
  reply.type("application/json");
  const key = idempotencyKeyOf(request);
  if (key === undefined || !isWellFormed) return JSON.stringify(await act(() => undefined));
  const { clientId } = partnerOf(request);
  const at = context.clock();
  const reservation = await context.store.reserveIdempotentRequest({
    clientId,
    key,
    requestHash: hashOf(request),
    at,
    abandonedBefore: new Date(at.getTime() - abandonedAfterMs),
    forgottenBefore: new Date(at.getTime() - dayMs),
  });
  if (reservation.result === "other_request") throw new LinchpinError("idempotency_key_used");
  if (reservation.result === "under_way") throw new LinchpinError("conflict");
  if (reservation.result === "answered") {
    reply.code(reservation.status).header("idempotent-replayed", "true");
    return reservation.body;
  }
  reservations.set(request, { clientId, key });
  return JSON.stringify(await act((body) => ({ clientId, key, status: 200, body: JSON.stringify(body) })));
}

/** @throws LinchpinError `request_invalid`: it is longer than the vendor allows */
function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"]?.toString();
  if (key !== undefined && (key === "" || key.length > maxKeyLength))
    throw new LinchpinError("request_invalid", { reason: "an idempotency key has 1 to 255 characters" });
  return key;
}

/** Of all that the request asks for. The sealed PIN is in it as it was sent; the digits are not. */
function hashOf({ method, url, body }: FastifyRequest): Uint8Array {
  return createHash("sha256")
    .update(JSON.stringify([method, url, sorted(body)]))
    .digest();
}

/** Parameters may be repeated in another order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, sorted(each)]);
}
