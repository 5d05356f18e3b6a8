import { answerTo, type ErrorAnswers, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply, TokenErrorReply } from "./wire.ts";

type Words = readonly [status: number, text: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "Internal server error"];
const badRequest: Words = [400, "Bad request"];
const unauthorized: Words = [401, "Unauthorized"];
const notFound: Words = [404, "Not found"];

/**
 * Status and text on Worldline's wire. Published are 400, 401, 403, 404 and 500; the others are chosen. Nothing finer
 * leaves the issuer: whatever is refused of a message is one answer.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: badRequest,
  message: {
    pin_malformed: failed,
    encoding_invalid: badRequest,
    jwe_malformed: failed,
    decryption_failed: badRequest,
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: badRequest,
  },
  keys: badRequest,
  callers: {
    credentials_missing: unauthorized,
    caller_unknown: unauthorized,
    token_expired: unauthorized,
    caller_not_allowed: [403, "Forbidden"],
  },
  capacity: { rate_limited: [429, "Too many requests"], unavailable: [503, "Service unavailable"] },
  cards: {
    card_unknown: notFound,
    card_blocked: badRequest,
    card_terminated: badRequest,
    pin_not_set: badRequest,
    pin_blocked: badRequest,
    card_data_not_set: badRequest,
  },
  requests: {
    request_invalid: badRequest,
    json_invalid: badRequest,
    media_type_unsupported: [415, "Unsupported media type"],
    body_too_large: [413, "Payload too large"],
    not_found: notFound,
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

/** What Worldline's refusals are to the device half. A sandbox adds a colon and an explanation to the text. */
export const refusals: Refusals = {
  wordIn: (body) => body?.responseMetadata?.statusMessage?.split?.(":", 1)[0],
  codes: { "Not found": "card_unknown" },
};

/** An error in Worldline's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  correlationId: string,
  at: Date = new Date(),
): { status: number; body: ErrorReply } {
  const [status, text] = answerTo(answers, error.code);
  const statusMessage = explanation && status < 500 ? `${text}: ${explanation}` : text;
  return {
    status,
    body: {
      responseMetadata: { correlationId, responseDateTime: at.toISOString(), statusCode: status, statusMessage },
    },
  };
}

/** An error of the token endpoint: RFC 6749 §5.2. */
export function describeTokenError(error: LinchpinError): { status: number; body: TokenErrorReply } {
  const [status, text] = answerTo(answers, error.code);
  const code = error.code === "caller_unknown" ? "invalid_client" : status >= 500 ? "server_error" : "invalid_request";
  const answered = error.code === "credentials_missing" ? 400 : status;
  return { status: answered, body: { error: code, error_description: status >= 500 ? text : error.message } };
}
