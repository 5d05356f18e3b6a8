import { answerTo, type ErrorAnswers, type ErrorCode, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

const urn = (name: string) => `urn:plmr:cards:connector:${name}`;

type Words = readonly [status: number, name: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "INTERNAL_SERVER_ERROR"];
const cardNotFound: Words = [400, "CARD_NOT_FOUND"];
const invalidPublicKey: Words = [400, "INVALID_CLIENT_PUBLIC_KEY"];
const invalidState: Words = [400, "INVALID_CARD_STATE"];

/**
 * Status and name on Plumery's wire. Published are those with a 400, which an unknown card is too; the others are chosen,
 * as the catalog names none.
 */
const answers: ErrorAnswers<Words> = {
  message: {
    pin_malformed: failed,
    encoding_invalid: failed,
    jwe_malformed: failed,
    decryption_failed: failed,
    signature_invalid: failed,
    public_key_unusable: invalidPublicKey,
    replayed: failed,
  },
  headers: invalidPublicKey,
  callers: {
    credentials_missing: [401, "UNAUTHORIZED"],
    caller_unknown: [401, "UNAUTHORIZED"],
    token_expired: failed,
    caller_not_allowed: failed,
  },
  capacity: {
    rate_limited: [429, "TOO_MANY_REQUESTS"],
    unavailable: [503, "SERVICE_UNAVAILABLE"],
  },
  cards: {
    card_unknown: cardNotFound,
    card_blocked: invalidState,
    card_terminated: [400, "CARD_ALREADY_TERMINATED"],
    pin_not_set: invalidState,
    pin_blocked: invalidState,
    card_data_not_set: invalidState,
  },
  requests: {
    // The token is all that a request holds beside its key: one of another shape is no card's.
    request_invalid: cardNotFound,
    json_invalid: failed,
    media_type_unsupported: failed,
    body_too_large: failed,
    not_found: [404, "NOT_FOUND"],
    conflict: failed,
  },
  pinPolicy: failed,
  keys: failed,
  persons: failed,
  devices: failed,
  signingMethods: failed,
  idempotency: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Plumery's refusals are to the device half. */
export const refusals: Refusals = {
  wordIn: (body) => (typeof body?.code === "string" ? body.code.slice(body.code.lastIndexOf(":") + 1) : undefined),
  codes: {
    CARD_NOT_FOUND: "card_unknown",
    CARD_ALREADY_TERMINATED: "card_terminated",
    INVALID_CARD_STATE: "conflict",
  },
};

/** What a field lacks. */
const fieldNames: Partial<Record<ErrorCode, string>> = { header_missing: "NOT_NULL", header_blank: "NOT_BLANK" };

/** An error in Plumery's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, name] = answerTo(answers, error.code);
  const sentence = status === 500 ? "the issuer failed" : error.message;
  const isExplained = explanation !== undefined && status < 500;
  const message = isExplained ? `${sentence}: ${explanation}` : sentence;
  const fieldName = fieldNames[error.code];
  const fieldErrors =
    fieldName === undefined ? [] : [{ field: error.field ?? "", code: urn(fieldName), message: error.message }];
  return { status, body: { code: urn(name), message, requestId, fieldErrors } };
}
