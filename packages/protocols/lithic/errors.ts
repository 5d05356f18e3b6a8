import { answerTo, type ErrorAnswers, type LinchpinError, type Refusals } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

/** `message` is null where it names the member that is at fault. */
type Words = readonly [status: number, message: string | null];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "Internal Server Error"];
/** One text for every way in which a PIN does not open. */
const notDecrypted: Words = [400, "Could not decrypt PIN"];

/**
 * Status and message on Lithic's wire. Published are those of `callers`, `rate_limited`, `request_invalid` and the
 * issuer's faults; the others are chosen. Refusals are 400, as the vendor's client repeats 408, 409, 429 and 5xx by itself.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [400, "PIN is not allowed"],
  message: {
    pin_malformed: failed,
    encoding_invalid: notDecrypted,
    jwe_malformed: failed,
    decryption_failed: notDecrypted,
    signature_invalid: failed,
    public_key_unusable: failed,
    replayed: [400, "PIN has already been used"],
  },
  keys: notDecrypted,
  callers: {
    credentials_missing: [401, "Please provide API key in Authorization header"],
    caller_unknown: [401, "Could not find API key"],
    token_expired: [401, "API key is not active"],
    caller_not_allowed: [401, "Insufficient Privileges. Issuing API key required"],
  },
  capacity: {
    rate_limited: [429, "Rate limited, too many requests per second"],
    unavailable: [503, "Service Unavailable"],
  },
  cards: {
    card_unknown: [404, "Card not found"],
    card_blocked: [400, "Card is paused"],
    card_terminated: [400, "Card is closed"],
    pin_not_set: failed,
    pin_blocked: failed,
    card_data_not_set: failed,
  },
  persons: [404, "Account not found"],
  requests: {
    request_invalid: [400, null],
    json_invalid: [400, "Request body is not valid JSON"],
    media_type_unsupported: [400, "Content type must be application/json"],
    body_too_large: [400, "Request body is too large"],
    not_found: [404, "Not found"],
    conflict: [409, "A request with this Idempotency-Key is under way"],
  },
  signingMethods: failed,
  idempotency: [422, "Idempotency-Key was used with another request body"],
  headers: failed,
  devices: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Lithic's refusals are to the device half. There is no code: the message is the word, up to its colon. */
export const refusals: Refusals = {
  wordIn: (body) => (typeof body?.message === "string" ? body.message.split(":")[0] : undefined),
  codes: {
    "Card not found": "card_unknown",
    "Card is paused": "card_blocked",
    "Card is closed": "card_terminated",
    "PIN is not allowed": "pin_refused",
    "Could not decrypt PIN": "decryption_failed",
    "PIN has already been used": "replayed",
  },
};

/** The member of the authorization that `credentials_missing` names where a key came in another form. */
export const authorizationField = "authorization";

/** An error in Lithic's words. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, text] = answerTo(answers, error.code);
  const words = inOtherForm(error) ? keyAlone : (text ?? invalidParameter(error));
  const message = status >= 500 || !explanation ? words : `${words}: ${explanation}`;
  return { status, body: { message, debugging_request_id: requestId } };
}

const keyAlone = "Please provide API key in the form Authorization: [api-key]";

function inOtherForm({ code, field }: LinchpinError): boolean {
  return code === "credentials_missing" && field === authorizationField;
}

function invalidParameter({ field }: LinchpinError): string {
  return field === "pin_status" ? "PIN status can only be set to OK" : `[${field ?? "body"}] is not a valid parameter`;
}
