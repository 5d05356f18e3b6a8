import { answerTo, type ErrorAnswers, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

type Words = readonly [status: number, errorCode: string, type: string, title: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "00_500", "general/internal-server-error", "Internal Server Error"];
const unauthorized: Words = [401, "00_401", "security/unauthorized", "Unauthorized"];
const invalidData: Words = [
  422,
  "00_422",
  "validation",
  "The request is missing required fields or contains invalid data.",
];

/**
 * Status, code, type and title on Adyen's wire. Published are those of `json_invalid`, `callers` and `card_unknown`; the
 * others are chosen, as nobody publishes a code.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [422, "31_011", "validation", "Invalid PIN"],
  message: {
    pin_malformed: failed,
    encoding_invalid: invalidData,
    jwe_malformed: failed,
    decryption_failed: [422, "31_021", "validation", "Invalid encrypted PIN block"],
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: [422, "31_022", "validation", "Session key already used"],
  },
  keys: {
    key_unknown: failed,
    key_mismatch: failed,
    key_expired: [422, "31_023", "validation", "Public key expired"],
  },
  callers: {
    credentials_missing: unauthorized,
    caller_unknown: unauthorized,
    token_expired: failed,
    caller_not_allowed: [403, "00_403", "forbidden", "Forbidden"],
  },
  capacity: {
    rate_limited: [429, "00_429", "general/too-many-requests", "Too Many Requests"],
    unavailable: [503, "00_503", "general/unavailable", "Service Unavailable"],
  },
  cards: {
    card_unknown: [422, "30_031", "validation", "Invalid payment instrument"],
    card_blocked: [422, "31_001", "validation", "Payment instrument blocked"],
    card_terminated: [422, "31_002", "validation", "Payment instrument closed"],
    pin_not_set: [422, "31_003", "validation", "PIN not set"],
    pin_blocked: [422, "31_004", "validation", "PIN blocked"],
    card_data_not_set: [422, "31_005", "validation", "Card data not set"],
  },
  requests: {
    request_invalid: invalidData,
    json_invalid: [400, "00_400", "general/bad-request", "Bad request"],
    media_type_unsupported: [415, "00_415", "general/bad-request", "Unsupported Media Type"],
    body_too_large: [413, "00_413", "general/bad-request", "Payload Too Large"],
    not_found: [404, "00_404", "not-found", "Not Found"],
    conflict: failed,
  },
  headers: failed,
  persons: failed,
  devices: failed,
  signingMethods: failed,
  idempotency: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Adyen's refusals are to the device half. */
export const refusals: Refusals = {
  wordIn: (body) => body?.errorCode,
  codes: {
    "30_031": "card_unknown",
    "31_001": "card_blocked",
    "31_002": "card_terminated",
    "31_003": "pin_not_set",
    "31_004": "pin_blocked",
    "31_011": "pin_refused",
    "31_021": "decryption_failed",
    "31_022": "replayed",
    "31_023": "key_expired",
  },
};

/** An error in Adyen's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, errorCode, type, title] = answerTo(answers, error.code);
  const detail = status >= 500 ? title : [error.message, explanation].filter((part) => part).join(". ");
  const invalidFields =
    error.field === undefined
      ? {}
      : { invalidFields: [{ name: error.field, value: "" as const, message: error.message }] };
  const body = { type: `https://docs.adyen.com/errors/${type}`, title, status, detail, errorCode, requestId };
  return { status, body: { ...body, ...invalidFields } };
}
