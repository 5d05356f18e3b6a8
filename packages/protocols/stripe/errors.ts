import {
  answerTo,
  type ErrorAnswers,
  type ErrorCode,
  type LinchpinError,
  type Refusals,
  type ShapeFault,
} from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

type Words = readonly [status: number, code: string | null, param: string | null];

const pinParameter = "pin[encrypted_number]";
/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, null, null];
const unauthorized: Words = [401, null, null];
const invalidRequest: Words = [400, null, null];
const encryptionInvalid: Words = [400, "pin_encryption_invalid", pinParameter];

/**
 * Status, code and parameter on Stripe's wire. Published are those of `callers`, `rate_limited`, `resource_missing`, the
 * codes that begin with `parameter` and the two about idempotency; the others are chosen. Refusals are 400, as the
 * vendor's client repeats 409 and 5xx by itself.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [400, "pin_not_allowed", pinParameter],
  message: {
    pin_malformed: failed,
    encoding_invalid: failed,
    jwe_malformed: encryptionInvalid,
    decryption_failed: encryptionInvalid,
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: [400, "pin_already_used", pinParameter],
  },
  keys: [400, "pin_key_expired", pinParameter],
  callers: {
    credentials_missing: unauthorized,
    caller_unknown: unauthorized,
    token_expired: [401, "api_key_expired", null],
    caller_not_allowed: [403, null, null],
  },
  capacity: { rate_limited: [429, "rate_limit", null], unavailable: [503, null, null] },
  cards: {
    card_unknown: [404, "resource_missing", "id"],
    card_blocked: [400, "card_blocked", "id"],
    card_terminated: [400, "card_canceled", "id"],
    pin_not_set: failed,
    pin_blocked: failed,
    card_data_not_set: failed,
  },
  persons: [404, "resource_missing", "cardholder"],
  requests: {
    request_invalid: invalidRequest,
    json_invalid: invalidRequest,
    media_type_unsupported: invalidRequest,
    body_too_large: invalidRequest,
    not_found: [404, "resource_missing", null],
    conflict: [409, "idempotency_key_in_use", null],
  },
  signingMethods: failed,
  idempotency: invalidRequest,
  headers: failed,
  devices: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Stripe's refusals are to the device half. */
export const refusals: Refusals = {
  wordIn: (body) => body?.error?.code ?? body?.error?.type,
  codes: {
    resource_missing: "card_unknown",
    card_blocked: "card_blocked",
    card_canceled: "card_terminated",
    pin_not_allowed: "pin_refused",
    pin_encryption_invalid: "decryption_failed",
    pin_already_used: "replayed",
    pin_key_expired: "key_expired",
  },
};

/** An error in Stripe's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(error: LinchpinError, explanation?: string): { status: number; body: ErrorReply } {
  const [status, code, param] = answerTo(answers, error.code);
  if (status >= 500) return { status, body: { error: { type: "api_error", message: "the issuer failed" } } };
  const fault = faultOf(error);
  const field = param ?? (error.field === undefined ? undefined : parameterOf(error.field));
  const word = code ?? (fault?.rule && parameterCodes[fault.rule]);
  const sentence = sentences[error.code] ?? error.message;
  return {
    status,
    body: {
      error: {
        type: error.code === "idempotency_key_used" ? "idempotency_error" : "invalid_request_error",
        ...(word === undefined ? {} : { code: word }),
        ...(field === undefined ? {} : { param: field }),
        message: [sentence, explanation].filter((part) => part).join(". "),
      },
    },
  };
}

/** In place of our sentences, which speak of another profile, of JSON, or of an idempotency key that is used up. */
const sentences: Partial<Record<ErrorCode, string>> = {
  jwe_malformed: "not a compact JWE with RSA-OAEP and A128CBC-HS256",
  key_unknown: "no key has the key id that the JWE names: fetch the key for every PIN",
  conflict: "a request with this idempotency key is under way",
  idempotency_key_used: "this idempotency key came with other parameters before",
};

const parameterCodes: Readonly<Record<NonNullable<ShapeFault["rule"]>, string>> = {
  missing: "parameter_missing",
  unknown: "parameter_unknown",
  empty: "parameter_invalid_empty",
};

function faultOf({ code, cause }: LinchpinError): Partial<ShapeFault> | undefined {
  return code === "request_invalid" && Array.isArray(cause) ? cause[0] : undefined;
}

/** `pin.encrypted_number` is `pin[encrypted_number]` in a form. */
function parameterOf(field: string): string {
  const [outer = "", ...inner] = field.split(".");
  return outer + inner.map((name) => `[${name}]`).join("");
}
