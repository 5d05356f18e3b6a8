import { answerTo, type ErrorAnswers, type ErrorCode, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply, TokenErrorReply } from "./wire.ts";

type Words = readonly [status: number, code: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "service.failed"];

/**
 * Status and code on Venly's wire. Published, without a status, are the codes that begin with `pincode`; the others are
 * chosen.
 */
const answers: ErrorAnswers<Words> = {
  message: {
    pin_malformed: failed,
    encoding_invalid: failed,
    jwe_malformed: failed,
    decryption_failed: [400, "encryption.invalid"],
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: [409, "encryption.already-used"],
  },
  keys: {
    key_unknown: [400, "encryption.unknown-key"],
    key_mismatch: failed,
    key_expired: [400, "encryption.expired-key"],
  },
  callers: {
    credentials_missing: [401, "auth.token-missing"],
    caller_unknown: [401, "auth.token-invalid"],
    token_expired: [401, "auth.token-expired"],
    caller_not_allowed: failed,
  },
  capacity: {
    rate_limited: [429, "request.too-many"],
    unavailable: [503, "service.unavailable"],
  },
  signingMethods: {
    user_unknown: [404, "user.not-found"],
    signing_method_unknown: [404, "signing-method.not-found"],
    signing_method_required: [403, "signing-method.required"],
    signing_method_exists: [409, "signing-method.already-exists"],
    signing_method_malformed: [400, "signing-method.invalid-value"],
    signing_method_empty: [400, "pincode.empty"],
    signing_method_incorrect: [403, "pincode.incorrect"],
    signing_method_locked: [403, "pincode.no-tries-left"],
    body_mismatch: [400, "signature.mismatch"],
    upstream_not_set: [503, "upstream.not-configured"],
    upstream_failed: [502, "upstream.failed"],
    upstream_timed_out: [504, "upstream.timeout"],
  },
  idempotency: [409, "idempotency-key.already-used"],
  requests: {
    request_invalid: [400, "request.invalid"],
    json_invalid: [400, "request.invalid-json"],
    media_type_unsupported: [415, "request.unsupported-media-type"],
    body_too_large: [413, "request.too-large"],
    not_found: [404, "resource.not-found"],
    conflict: failed,
  },
  headers: failed,
  pinPolicy: failed,
  cards: failed,
  persons: failed,
  devices: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Venly's refusals are to the device half. */
export const refusals: Refusals = {
  wordIn: (body) => body?.errors?.[0]?.code,
  codes: {
    "pincode.incorrect": "signing_method_incorrect",
    "pincode.no-tries-left": "signing_method_locked",
    "user.not-found": "user_unknown",
    "signing-method.not-found": "signing_method_unknown",
    "signing-method.already-exists": "signing_method_exists",
    "signing-method.invalid-value": "signing_method_malformed",
    "encryption.unknown-key": "key_unknown",
    "encryption.expired-key": "key_expired",
  },
};

/** An error in Venly's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(error: LinchpinError, explanation?: string): { status: number; body: ErrorReply } {
  const [status, code] = answerTo(answers, error.code);
  const field = error.field === undefined ? "" : ` (${error.field})`;
  const message = status === 500 ? "the issuer failed" : `${sentences[error.code] ?? error.message}${field}`;
  return {
    status,
    body: {
      success: false,
      errors: [{ code, message: status === 500 || !explanation ? message : `${message}. ${explanation}` }],
    },
  };
}

/** In place of our sentences, which speak of a sealed PIN. */
const sentences: Partial<Record<ErrorCode, string>> = {
  decryption_failed: "the envelope could not be opened",
  replayed: "this envelope was used before: seal again",
};

/** An error of the token endpoint: RFC 6749 §5.2. */
export function describeTokenError(error: LinchpinError): { status: number; body: TokenErrorReply } {
  const { status } = describeError(error);
  if (error.code === "caller_unknown") return tokenError(401, "invalid_client", error);
  if (error.code === "credentials_missing") return tokenError(400, "invalid_request", error);
  return status === 500 || status === 503
    ? tokenError(status, "server_error", error)
    : tokenError(status, "invalid_request", error);
}

function tokenError(status: number, code: string, error: LinchpinError): { status: number; body: TokenErrorReply } {
  return { status, body: { error: code, error_description: status === 500 ? "the issuer failed" : error.message } };
}
