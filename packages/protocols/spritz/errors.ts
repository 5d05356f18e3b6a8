import { answerTo, type ErrorAnswers, type ErrorCode, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply, RainConcurrentReply, RainErrorReply } from "./wire.ts";

/** A code, or of a 404 the type of what is not there. */
type Words = readonly [status: number, code: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "internal_error"];
const unauthorized: Words = [401, "unauthorized"];
const undecrypted: Words = [400, "pin_decryption_failed"];
const notActive: Words = [400, "card_not_active"];
const invalid: Words = [400, "request_invalid"];

/**
 * Status and code, of Spritz as of Rain. Published for Spritz are the statuses 401 and 404 and their members, and 500; the
 * others are chosen. Refusals are 400, as Rain's client repeats 408, 409, 429 and 5xx by itself.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [400, "pin_not_allowed"],
  message: {
    pin_malformed: failed,
    encoding_invalid: undecrypted,
    jwe_malformed: failed,
    decryption_failed: undecrypted,
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: [400, "session_key_used"],
  },
  keys: undecrypted,
  callers: {
    credentials_missing: unauthorized,
    caller_unknown: unauthorized,
    token_expired: failed,
    caller_not_allowed: failed,
  },
  capacity: { rate_limited: [429, "rate_limited"], unavailable: [503, "unavailable"] },
  cards: {
    card_unknown: [404, "card"],
    card_blocked: notActive,
    card_terminated: notActive,
    pin_not_set: [400, "pin_not_set"],
    pin_blocked: [400, "pin_blocked"],
    card_data_not_set: failed,
  },
  requests: {
    request_invalid: invalid,
    json_invalid: invalid,
    media_type_unsupported: [415, "media_type_unsupported"],
    body_too_large: [413, "body_too_large"],
    not_found: [404, "route"],
    conflict: [429, "idempotency_key_in_use"],
  },
  headers: invalid,
  signingMethods: failed,
  idempotency: [400, "idempotency_key_used"],
  persons: failed,
  devices: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What refusals are to the device half: Spritz's `code`, or Rain's first `errorMessageCodes`. */
export const refusals: Refusals = {
  wordIn: (body) =>
    [body?.code, body?.resourceType, body?.errorMessageCodes?.[0], body?.type].find((word) => typeof word === "string"),
  codes: {
    card: "card_unknown",
    card_not_active: "card_blocked",
    pin_blocked: "pin_blocked",
    pin_not_set: "pin_not_set",
    pin_not_allowed: "pin_refused",
    pin_decryption_failed: "decryption_failed",
    session_key_used: "replayed",
  },
};

const retryAfterSeconds = 1;

/**
 * An error as Spritz has it. `explanation` is the sandbox's alone: what was wrong, told to the caller. `cardId`: the card
 * that the path names.
 */
export function describeError(
  error: LinchpinError,
  explanation?: string,
  cardId = "",
): { status: number; body: ErrorReply; mediaType: string } {
  const [status, code] = answerTo(answers, error.code);
  const isOurs = status === failed[0];
  const shared = {
    type: status === 401 ? "urn:problem-type:auth:unauthorized" : "about:blank",
    title: isOurs ? "the issuer failed" : (sentences[error.code] ?? error.message),
    status,
    ...(explanation === undefined || status >= 500 ? {} : { detail: explanation }),
  };
  return {
    status,
    mediaType: "application/problem+json",
    body: { ...shared, ...membersOf(status, code, error, cardId) },
  };
}

function membersOf(status: number, code: string, error: LinchpinError, cardId: string): Partial<ErrorReply> {
  if (status === 401) return {};
  if (status === 404) return { resourceType: code, resourceId: code === "card" ? cardId : "" };
  const field = code === undecrypted[1] || code === "pin_not_allowed" ? "encryptedPin" : error.field;
  return {
    code,
    ...(field === undefined || status >= 500 ? {} : { field }),
    ...(status === 429 || status === 503 ? { retryable: true, retryAfter: retryAfterSeconds } : {}),
  };
}

/** What Rain's routes do; each names it in what it refuses. */
export type RainTask = "set" | "get";

/** An error as Rain has it. */
export function describeRainError(
  error: LinchpinError,
  explanation: string | undefined,
  task: RainTask,
): { status: number; body: RainErrorReply | RainConcurrentReply } {
  const [wanted, code] = answerTo(answers, error.code);
  if (error.code === "conflict")
    return {
      status: wanted,
      body: { msg: "Concurrent requests with same idempotency key, please try again later" },
    };
  const status = error.code === "pin_not_set" ? 404 : wanted;
  const sentence = rainSentence(error, status, code, task);
  const message = [sentence, status >= 500 ? undefined : explanation].filter((part) => part).join(". ");
  const errorMessageCodes = status === 401 ? {} : { errorMessageCodes: [code] };
  return { status, body: { statusCode: status, error: phrases[status] ?? "Error", message, ...errorMessageCodes } };
}

function rainSentence(error: LinchpinError, status: number, code: string, task: RainTask): string {
  if (status === failed[0]) return "the issuer failed";
  if (code === undecrypted[1]) return "Failed to Decrypt Session ID, RSA Public key Not Matching";
  if (code === "pin_not_set") return "Failed to get PIN, card does not have PIN set";
  const sentence = sentences[error.code] ?? error.message;
  return status === 400 ? `Failed to ${task} PIN, ${sentence}` : sentence;
}

/** In place of our sentences, which speak of a sealed PIN where the session key is meant. */
const sentences: Partial<Record<ErrorCode, string>> = {
  decryption_failed: "the session key or the PIN block could not be opened",
  encoding_invalid: "the session key or the PIN block could not be opened",
  key_expired: "the session key or the PIN block could not be opened",
  replayed: "this session key was used before: draw another for each message",
  conflict: "a request with this idempotency key is under way",
  idempotency_key_used: "this idempotency key came with another request before",
};

const phrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
