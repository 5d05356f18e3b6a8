import { answerTo, type ErrorAnswers, type LinchpinError } from "@linchpin/core";
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
    webhookSecrets: Type.Integer({ description: "that partners check signatures of webhooks by" }),
    signingMethods: Type.Integer({ description: "save those that need recovery anyway" }),
  },
  { description: "what is still kept under the key" },
);

/** Problem details (RFC 9457) with a stable code of Linchpin's. */
const Problem = Type.Object({
  type: Type.Literal("about:blank"),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: "stable: what a program decides by" }),
  detail: Type.Optional(Type.String({ description: "why: of a conflict; of other refusals in the sandbox alone" })),
  field: Type.Optional(Type.String({ description: "the member of the request that is at fault" })),
  protects: Type.Optional(ProtectedCounts),
});
type Problem = Type.Static<typeof Problem>;

export const mediaType = "application/problem+json";

/** The refusals that the schema of every route names. */
export const orProblem = {
  default: { description: "Refused, or failed", content: { [mediaType]: { schema: Problem } } },
} as const;

/** `explanation`: why it was refused, where the caller may know. */
export function describeProblem(
  error: LinchpinError,
  explanation?: string,
): { status: number; body: Problem; mediaType: string } {
  const status = answerTo(statuses, error.code);
  const isOurs = status === failed;
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

/** The issuer's own fault, or a code that no operation of the issuer API raises. */
const failed = 500;

const statuses: ErrorAnswers<number> = {
  pinPolicy: 422,
  message: {
    pin_malformed: 422,
    encoding_invalid: 422,
    jwe_malformed: 422,
    decryption_failed: 422,
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: 409,
  },
  keys: 422,
  callers: { credentials_missing: 401, caller_unknown: 401, token_expired: 401, caller_not_allowed: 403 },
  capacity: { rate_limited: 429, unavailable: 503 },
  cards: {
    card_unknown: 404,
    card_blocked: 409,
    card_terminated: 409,
    pin_not_set: 409,
    pin_blocked: 409,
    card_data_not_set: failed,
  },
  persons: {
    person_unknown: 404,
    mobile_number_missing: 409,
    mobile_number_exists: failed,
    mobile_number_unknown: failed,
    person_name_missing: failed,
  },
  requests: {
    request_invalid: 400,
    json_invalid: 400,
    media_type_unsupported: 415,
    body_too_large: 413,
    not_found: 404,
    conflict: 409,
  },
  headers: failed,
  devices: failed,
  signingMethods: failed,
  idempotency: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};
