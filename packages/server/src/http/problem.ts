import type { ErrorCode, LinchpinError } from "@linchpin/core";
import Type from "typebox";

/** How much is kept under a key. */
export const ProtectedCounts = Type.Object(
  {
    pins: Type.Integer(),
    formerPins: Type.Integer(),
    requestedPins: Type.Integer({ description: "that wait in change requests" }),
    cardData: Type.Integer(),
    challenges: Type.Integer(),
    requestSecrets: Type.Integer({ description: "TANs and strings to sign, of change requests" }),
    messages: Type.Integer(),
    signingMethods: Type.Integer({ description: "save those that need recovery anyway" }),
  },
  { description: "what is still kept under the key" },
);

/** RFC 9457, with the house's own stable code. */
const Problem = Type.Object({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: "stable: what a program decides by" }),
  detail: Type.Optional(Type.String({ description: "why, in the sandbox alone" })),
  field: Type.Optional(Type.String({ description: "the member of the request that is at fault" })),
  protects: Type.Optional(ProtectedCounts),
});
type Problem = Type.Static<typeof Problem>;

export const mediaType = "application/problem+json";

/** What any route may answer instead of success, as its schema says it. */
export const orProblem = {
  default: { description: "Refused, or failed", content: { [mediaType]: { schema: Problem } } },
} as const;

/** `explanation` is the sandbox's alone. */
export function describeProblem(
  error: LinchpinError,
  explanation?: string,
): { status: number; body: Problem; mediaType: string } {
  const status = statuses[error.code] ?? 500;
  const isOurs = status === 500;
  const body: Problem = {
    type: "about:blank",
    title: isOurs ? "the issuer failed" : error.message,
    status,
    code: isOurs ? "internal" : error.code,
    ...(explanation === undefined || isOurs ? {} : { detail: explanation }),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
  return { status, body, mediaType };
}

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
  pin_blocked: 409,
  card_blocked: 409,
  card_terminated: 409,
  mobile_number_missing: 409,
  replayed: 409,
  body_too_large: 413,
  media_type_unsupported: 415,
  encoding_invalid: 422,
  jwe_malformed: 422,
  decryption_failed: 422,
  key_unknown: 422,
  key_expired: 422,
  key_mismatch: 422,
  pin_malformed: 422,
  pin_length: 422,
  pin_sequence: 422,
  pin_repeats: 422,
  pin_denied: 422,
  pin_reused: 422,
  rate_limited: 429,
  unavailable: 503,
};
