import type { ErrorCode, LinchpinError } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

type Words = readonly [status: number, errorCode: string, type: string, title: string];

const invalidData = "The request is missing required fields or contains invalid data.";
const validation = (errorCode: string, title = invalidData): Words => [422, errorCode, "validation", title];

/** Status, code, type and title on Adyen's wire for each code of the house that this protocol can meet. */
const words: Partial<Record<ErrorCode, Words>> = {
  // published
  json_invalid: [400, "00_400", "general/bad-request", "Bad request"],
  credentials_missing: [401, "00_401", "security/unauthorized", "Unauthorized"],
  caller_unknown: [401, "00_401", "security/unauthorized", "Unauthorized"],
  caller_not_allowed: [403, "00_403", "forbidden", "Forbidden"],
  card_unknown: validation("30_031", "Invalid payment instrument"),
  // chosen: nobody publishes a code
  request_invalid: validation("00_422"),
  encoding_invalid: validation("00_422"),
  card_blocked: validation("31_001", "Payment instrument blocked"),
  card_terminated: validation("31_002", "Payment instrument closed"),
  pin_not_set: validation("31_003", "PIN not set"),
  pin_blocked: validation("31_004", "PIN blocked"),
  card_data_not_set: validation("31_005", "Card data not set"),
  pin_length: validation("31_011", "Invalid PIN"),
  pin_sequence: validation("31_011", "Invalid PIN"),
  pin_repeats: validation("31_011", "Invalid PIN"),
  pin_denied: validation("31_011", "Invalid PIN"),
  pin_reused: validation("31_011", "Invalid PIN"),
  decryption_failed: validation("31_021", "Invalid encrypted PIN block"),
  replayed: validation("31_022", "Session key already used"),
  key_expired: validation("31_023", "Public key expired"),
  not_found: [404, "00_404", "not-found", "Not Found"],
  body_too_large: [413, "00_413", "general/bad-request", "Payload Too Large"],
  media_type_unsupported: [415, "00_415", "general/bad-request", "Unsupported Media Type"],
  rate_limited: [429, "00_429", "general/too-many-requests", "Too Many Requests"],
  unavailable: [503, "00_503", "general/unavailable", "Service Unavailable"],
};

const otherwise: Words = [500, "00_500", "general/internal-server-error", "Internal Server Error"];

/** An error in Adyen's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, errorCode, type, title] = words[error.code] ?? otherwise;
  const detail = status >= 500 ? title : [error.message, explanation].filter((part) => part).join(". ");
  const invalidFields =
    error.field === undefined
      ? {}
      : { invalidFields: [{ name: error.field, value: "" as const, message: error.message }] };
  const body = { type: `https://docs.adyen.com/errors/${type}`, title, status, detail, errorCode, requestId };
  return { status, body: { ...body, ...invalidFields } };
}
