import { createHash } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { IdempotencyReservation, IdempotentAnswer } from "@linchpin/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context/index.ts";
import { dayMs, minuteMs } from "../durations.ts";
import { partnerOf, toLinchpinError } from "../http/index.ts";
import { makeId } from "../identifiers.ts";

/** A request that is longer under way has no answer because its process ended. */
const abandonedAfterMs = minuteMs;

/** What a vendor says of its idempotency keys. */
export interface IdempotencyTerms {
  readonly maxKeyLength: number;
  /** The header that an answer has which is given again, in lower case. */
  readonly replayedHeader: string;
  /** The form of a key. Default: any. */
  readonly keyForm?: { readonly pattern: RegExp; readonly words: string };
  /** How long an answer is kept, at most `longestKeptMs`. Default: a day. */
  readonly keptMs?: number;
  /** The status of success, where it has a body. Default: 200. */
  readonly status?: number;
}

/** Answers are deleted after that, whatever protocol they are of. */
export const longestKeptMs = 30 * dayMs;

/**
 * The answer of a request, to be kept in the transaction of its change; null: it has no body. Undefined where the request
 * has no idempotency key.
 */
export type KeepAnswer = (body: object | null) => IdempotentAnswer | undefined;

/** Of requests whose answer is not kept yet. */
const reservations = new WeakMap<FastifyRequest, IdempotencyReservation>();

/**
 * Keeps the answers of requests that `answerOnce` reserved and that changed nothing, and releases what may be sent again.
 * Where the database fails at that, the answer goes out as it is: the reservation counts as given up after a minute.
 * @param areKept false: no refusal is kept, and each may be sent again
 */
export function keepRefusals(
  app: FastifyInstance,
  context: Context,
  { areKept = true }: { areKept?: boolean } = {},
): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const reservation = reservations.get(request);
    if (reservation === undefined) return;
    const { statusCode: status } = reply;
    // Whoever is refused for the moment asks again, and so does whoever was answered by a failure.
    const isFinal = areKept && status < 500 && status !== 409 && status !== 429;
    try {
      if (isFinal) await context.store.answerIdempotentRequest({ ...reservation, status, body: String(payload) });
      else await context.store.releaseIdempotentRequest(reservation);
    } catch (error) {
      request.log.warn({ reason: toLinchpinError(error).code }, "the answer of an idempotent request is not kept");
    }
  });
}

/**
 * Answers a request with an idempotency key once: the same request again gets the same answer, without anything being
 * done. The check stands before that of replay marks, as clients repeat a request whose answer was lost.
 * @param isWellFormed false: the request fails validation, and nothing of it is kept
 * @param judge what is answered in place of a kept answer. Default: that answer
 * @throws LinchpinError `idempotency_key_used`: the key came with other parameters; `conflict`: the request is under way;
 *   what `act` throws
 */
export async function answerOnce(
  context: Context,
  { request, reply, isWellFormed, terms, judge = async (kept) => kept }: Asked,
  act: (keepAnswer: KeepAnswer) => Promise<object | null>,
): Promise<string> {
  const key = idempotencyKeyOf(request, terms);
  if (key === undefined || !isWellFormed) return send(reply, answerOf(await act(() => undefined), terms));
  const at = context.clock();
  const { clientId } = partnerOf(request);
  const reservation = { clientId, key, owner: makeId(), requestHash: hashOf(request), at };
  const reserved = await context.store.reserveIdempotentRequest({
    ...reservation,
    abandonedAfterMs,
    forgottenBefore: new Date(at.getTime() - (terms.keptMs ?? dayMs)),
  });
  if (reserved.result === "other_request") throw new LinchpinError("idempotency_key_used");
  if (reserved.result === "under_way") throw new LinchpinError("conflict");
  if (reserved.result === "answered") {
    reply.header(terms.replayedHeader, "true");
    return send(reply, await judge(reserved));
  }
  reservations.set(request, reservation);
  let isKept = false;
  const answer = await act((body) => {
    isKept = true;
    return { ...reservation, ...answerOf(body, terms) };
  });
  // Committed with the change.
  if (isKept) reservations.delete(request);
  return send(reply, answerOf(answer, terms));
}

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly isWellFormed: boolean;
  readonly terms: IdempotencyTerms;
  readonly judge?: (kept: KeptAnswer) => Promise<KeptAnswer>;
}

/** The answer of an earlier request. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

function answerOf(body: object | null, { status = 200 }: IdempotencyTerms): KeptAnswer {
  return body === null ? { status: 204, body: "" } : { status, body: JSON.stringify(body) };
}

function send(reply: FastifyReply, { status, body }: KeptAnswer): string {
  reply.code(status);
  if (body !== "") reply.type("application/json");
  return body;
}

/** @throws LinchpinError `request_invalid`: it is longer than the vendor allows, or of another form */
function idempotencyKeyOf(
  { headers }: FastifyRequest,
  { maxKeyLength, keyForm }: IdempotencyTerms,
): string | undefined {
  const key = headers["idempotency-key"]?.toString();
  if (key !== undefined && (key === "" || key.length > maxKeyLength))
    throw new LinchpinError("request_invalid", {
      reason: `an idempotency key has 1 to ${maxKeyLength} characters`,
    });
  if (key !== undefined && keyForm !== undefined && !keyForm.pattern.test(key))
    throw new LinchpinError("request_invalid", { reason: `an idempotency key is ${keyForm.words}` });
  return key;
}

/** Of all that the request asks for. The sealed PIN is in it as it was sent; the digits are not. */
function hashOf({ method, url, body }: FastifyRequest): Uint8Array {
  return createHash("sha256")
    .update(JSON.stringify([method, url, sorted(body)]))
    .digest();
}

/** Parameters may be repeated in another order. A list stays a list, and members stay members. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, each]) => [name, sorted(each)]));
}
