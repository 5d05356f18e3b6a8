import { answerTo, type ErrorAnswers, errorClassOf, type LinchpinError, type Refusals } from "@linchpin/core";
import { type RefusalCode, refusalCodes } from "./layout.ts";
import type { ErrorReply } from "./wire.ts";

type Words = readonly [status: number, code: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "internal"];
const requestInvalid: Words = [400, "request_invalid"];
const mismatch: Words = [409, "session_mismatch"];
const callerUnknown: Words = [401, "caller_unknown"];

/** Status and code. */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [422, "pin_refused"],
  message: {
    pin_malformed: failed,
    encoding_invalid: requestInvalid,
    jwe_malformed: failed,
    decryption_failed: [422, "decryption_failed"],
    signature_invalid: [422, "signature_invalid"],
    public_key_unusable: requestInvalid,
    replayed: failed,
  },
  sessions: {
    session_unknown: [404, "session_unknown"],
    session_expired: [410, "session_expired"],
    session_mismatch: mismatch,
    session_stale: [409, "session_stale"],
    code_incorrect: [422, "code_incorrect"],
    code_locked: [422, "code_locked"],
  },
  callers: {
    credentials_missing: callerUnknown,
    caller_unknown: callerUnknown,
    token_expired: callerUnknown,
    caller_not_allowed: [403, "caller_not_allowed"],
  },
  capacity: { rate_limited: [429, "rate_limited"], unavailable: [503, "unavailable"] },
  cards: {
    card_unknown: [404, "card_unknown"],
    card_blocked: [409, "card_blocked"],
    card_terminated: [409, "card_terminated"],
    pin_not_set: [409, "pin_not_set"],
    pin_blocked: [409, "pin_blocked"],
    card_data_not_set: [409, "card_data_not_set"],
  },
  persons: {
    person_unknown: mismatch,
    mobile_number_missing: [409, "mobile_number_missing"],
    mobile_number_exists: failed,
    mobile_number_unknown: failed,
    person_name_missing: [409, "person_name_missing"],
  },
  devices: {
    device_unknown: [404, "device_unknown"],
    device_unverified: [404, "device_unknown"],
    device_of_another_person: mismatch,
    device_key_missing: failed,
    device_key_exists: [409, "device_key_exists"],
    too_many_devices: [409, "too_many_devices"],
    challenge_unknown: failed,
    challenge_ended: failed,
    activation_code_exists: failed,
    activation_code_missing: failed,
    change_request_unknown: failed,
    change_request_ended: failed,
    change_request_unauthorized: failed,
    tan_invalid: failed,
  },
  requests: {
    request_invalid: requestInvalid,
    json_invalid: [400, "json_invalid"],
    media_type_unsupported: [415, "media_type_unsupported"],
    body_too_large: [413, "body_too_large"],
    not_found: [404, "not_found"],
    conflict: failed,
  },
  keys: failed,
  headers: failed,
  signingMethods: failed,
  idempotency: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What the refusals of a session are to the device half. An operation's are not to be believed: they are not signed. */
export const refusals: Refusals = {
  wordIn: (body) => (typeof body?.code === "string" ? body.code : undefined),
  codes: Object.fromEntries(
    [
      ...refusalCodes.filter((code) => code !== "pin_reused"),
      ...([
        "card_unknown",
        "mobile_number_missing",
        "person_name_missing",
        "device_key_exists",
        "session_mismatch",
      ] as const),
    ].map((code) => [code, code]),
  ),
};

/** An error as problem details. `explanation` is the sandbox's alone: what was wrong, told to the caller. */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  _requestId: string,
): { status: number; body: ErrorReply } {
  const [status, code] = answerTo(answers, error.code);
  const isOurs = status === 500;
  const body: ErrorReply = {
    type: "about:blank",
    title: isOurs ? "the issuer failed" : error.message,
    status,
    code,
    ...(explanation === undefined || isOurs ? {} : { detail: explanation }),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
  return { status, body };
}

/** The code that a signed answer refuses with; undefined for an error that no signed answer tells. */
export function signedRefusalOf({ code }: LinchpinError): RefusalCode | undefined {
  const asSigned = errorClassOf(code) === "pinPolicy" && code !== "pin_reused" ? "pin_refused" : code;
  return refusalCodes.find((refusal) => refusal === asSigned);
}
