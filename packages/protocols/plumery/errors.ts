import type { ErrorCode, LinchpinError } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

const urn = (name: string) => `urn:plmr:cards:connector:${name}`;

/** Status and name on Plumery's wire for each code of the house that this protocol can meet. */
const words: Partial<Record<ErrorCode, readonly [status: number, name: string]>> = {
  // published; no card is a 400 too
  card_unknown: [400, "CARD_NOT_FOUND"],
  card_terminated: [400, "CARD_ALREADY_TERMINATED"],
  public_key_unusable: [400, "INVALID_CLIENT_PUBLIC_KEY"],
  header_missing: [400, "INVALID_CLIENT_PUBLIC_KEY"],
  header_blank: [400, "INVALID_CLIENT_PUBLIC_KEY"],
  card_blocked: [400, "INVALID_CARD_STATE"],
  pin_blocked: [400, "INVALID_CARD_STATE"],
  pin_not_set: [400, "INVALID_CARD_STATE"],
  card_data_not_set: [400, "INVALID_CARD_STATE"],
  // The token is all that a request says beside its key: one of another shape is no card's.
  request_invalid: [400, "CARD_NOT_FOUND"],
  // chosen: the catalog names none
  credentials_missing: [401, "UNAUTHORIZED"],
  caller_unknown: [401, "UNAUTHORIZED"],
  not_found: [404, "NOT_FOUND"],
  rate_limited: [429, "TOO_MANY_REQUESTS"],
  unavailable: [503, "SERVICE_UNAVAILABLE"],
};

const otherwise = [500, "INTERNAL_SERVER_ERROR"] as const;

/** What a field lacks. */
const fieldNames: Partial<Record<ErrorCode, string>> = { header_missing: "NOT_NULL", header_blank: "NOT_BLANK" };

/** An error in Plumery's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, name] = words[error.code] ?? otherwise;
  const sentence = status === 500 ? "the issuer failed" : error.message;
  const isExplained = explanation !== undefined && status < 500;
  const message = isExplained ? `${sentence}: ${explanation}` : sentence;
  const fieldName = fieldNames[error.code];
  const fieldErrors =
    fieldName === undefined ? [] : [{ field: error.field ?? "", code: urn(fieldName), message: error.message }];
  return { status, body: { code: urn(name), message, requestId, fieldErrors } };
}
