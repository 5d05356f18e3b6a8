import type { ErrorCode, LinchpinError } from "@linchpin/core";
import Type from "typebox";

/** RFC 9457, with the house's own stable code. */
export const Problem = Type.Object({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
});
export type Problem = Type.Static<typeof Problem>;

const statuses: Partial<Record<ErrorCode, number>> = {
  json_invalid: 400,
  request_invalid: 400,
  credentials_missing: 401,
  caller_unknown: 401,
  token_expired: 401,
  caller_not_allowed: 403,
  not_found: 404,
  card_unknown: 404,
  person_unknown: 404,
  conflict: 409,
  pin_not_set: 409,
  card_blocked: 409,
  card_terminated: 409,
  replayed: 409,
  body_too_large: 413,
  media_type_unsupported: 415,
  jwe_malformed: 422,
  decryption_failed: 422,
  key_unknown: 422,
  key_expired: 422,
  key_mismatch: 422,
  rate_limited: 429,
  unavailable: 503,
};

/** `explanation` is the sandbox's alone. */
export function problemOf(error: LinchpinError, explanation?: string): Problem {
  const status = statuses[error.code] ?? 500;
  const isOurs = status === 500;
  return {
    type: "about:blank",
    title: isOurs ? "the issuer failed" : error.message,
    status,
    code: isOurs ? "internal" : error.code,
    ...(explanation === undefined || isOurs ? {} : { detail: explanation }),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
}
