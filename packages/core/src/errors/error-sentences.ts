/**
 * Every code by its class, with the sentence that says what rule was broken. Codes are never renamed.
 *
 * A class holds what protocols tend to answer in one way: a protocol's table (`ErrorAnswers`) has one answer for all its
 * codes, or one for each of them.
 */
const sentences = {
  /** What a card program's policy refuses. No protocol distinguishes the rules: a new rule is a line here and in no table. */
  pinPolicy: {
    pin_length: "the PIN does not have the number of digits that the card program asks for",
    pin_sequence: "the PIN is a sequence of digits",
    pin_repeats: "the PIN repeats one digit too often",
    pin_denied: "the PIN is on the card program's deny list",
    pin_reused: "the PIN was used on this card before",
  },
  /** What is sealed, signed or encoded. */
  message: {
    pin_malformed: "a PIN is 4 to 12 ASCII digits",
    encoding_invalid: "not a canonical encoding",
    jwe_malformed: "not a compact JWE with RSA-OAEP-256 and A256CBC-HS512",
    decryption_failed: "the sealed PIN could not be opened",
    signature_invalid: "the signature does not verify with the key it must be made by",
    public_key_unusable: "the public key can not be used for this",
    replayed: "this sealed PIN was used before",
  },
  /** Raised on devices alone: an issuer answers none of them. */
  deviceHalf: {
    random_unavailable: "this platform has no source of randomness",
    platform_failed: "the device's storage or cryptography failed: nothing was changed",
    unreachable: "no answer came: nothing was changed",
    timed_out: "no answer came in time: nothing was changed",
    aborted: "the caller aborted before anything was sent",
    answer_malformed: "what was answered is not what the protocol has",
    outcome_unknown: "the message was sent and no answer says what became of it",
    pin_refused: "the issuer refuses this PIN by its policy",
    refused: "the issuer refused",
    manifest_refused: "the list of the issuer's keys is signed by no pinned root, another issuer's, or an earlier one",
    manifest_expired: "the list of the issuer's keys is out of date, or this device's clock is wrong",
    session_refused: "the session is not the issuer's, or not for what this device asked",
    answer_refused: "the answer is not the issuer's, or not to this message",
    issuer_key_unvouched: "the list of the issuer's keys does not vouch for this key",
    device_unbound: "no key is kept for this person: bind the device first",
  },
  /** The issuer's keys, as a message names them. */
  keys: {
    key_unknown: "no key of this purpose has this id",
    key_expired: "the key is past its overlap: fetch the latest one and seal again",
    key_mismatch: "the key id of the request and the kid of the JWE differ",
  },
  callers: {
    credentials_missing: "the request carries no credentials",
    caller_unknown: "the credentials are not valid",
    token_expired: "the access token has expired",
    caller_not_allowed: "the caller may not do this",
  },
  /** The same request may succeed later. */
  capacity: {
    rate_limited: "too many requests: try again later",
    unavailable: "the issuer can not take the request now",
  },
  cards: {
    card_unknown: "no such card",
    card_blocked: "the card is blocked",
    card_terminated: "the card is terminated",
    pin_not_set: "the card has no PIN yet",
    pin_blocked: "the PIN is blocked",
    card_data_not_set: "the card has no PAN and CVV2 here",
  },
  persons: {
    person_unknown: "no such person",
    mobile_number_missing: "the person has no verified mobile number",
    mobile_number_exists: "the person has a mobile number already",
    mobile_number_unknown: "the person has no such mobile number",
    person_name_missing: "the person has no name that a device could show",
  },
  /** Bound devices, and how a person confirms a change. */
  devices: {
    device_unknown: "no such device",
    device_unverified: "the device has not proved its binding",
    device_of_another_person: "the device is not bound to the cardholder",
    device_key_missing: "the device has no key of this purpose",
    device_key_exists: "the device has a key of this purpose already",
    too_many_devices: "the person has as many devices as are allowed",
    challenge_unknown: "no such challenge",
    challenge_ended: "the challenge is answered, failed or expired",
    activation_code_exists: "the person has a valid activation code already",
    activation_code_missing: "the person has no valid activation code",
    change_request_unknown: "no such change request",
    change_request_ended: "the change request is completed, failed or expired",
    change_request_unauthorized: "the change request is not authorized yet",
    tan_invalid: "the TAN is wrong or expired",
  },
  /** The native protocol's sessions: each is for one operation on one card. */
  sessions: {
    session_unknown: "the issuer made no such session",
    session_expired: "the session has expired",
    session_mismatch: "the session's card, device and person do not belong together, or not to this request",
    session_stale: "the PIN was changed since the session was made",
    code_incorrect: "the code, or the last digits of the card's number, are wrong",
    code_locked: "too many wrong codes: no more are taken for now",
  },
  /** Users, their signing methods, and the requests that these protect. */
  signingMethods: {
    user_unknown: "no such user",
    signing_method_unknown: "the user has no such signing method",
    signing_method_required: "the request needs a signing method of the user",
    signing_method_exists: "the user has a signing method of this type already",
    signing_method_malformed: "the value is not what this type of signing method takes",
    signing_method_empty: "the value of the signing method is empty",
    signing_method_incorrect: "the value of the signing method is wrong",
    signing_method_locked: "the signing method has no tries left",
    body_mismatch: "the hash that was sealed is not the hash of the body as received",
    upstream_not_set: "this operation needs an upstream, and the operator has set none",
    upstream_failed: "the upstream gave no answer: whether it acted is not known",
    upstream_timed_out: "the upstream did not answer in time: whether it acted is not known",
  },
  /** Requests that are answered once, by a key that their sender names. */
  idempotency: {
    idempotency_key_used: "this idempotency key was used before: a new request takes a new one",
  },
  requests: {
    request_invalid: "the request does not have the documented shape",
    json_invalid: "the body is not valid JSON",
    media_type_unsupported: "the content type is not supported here",
    body_too_large: "the body is larger than this operation takes",
    not_found: "nothing is here",
    conflict: "the state of the object does not allow this",
  },
  headers: {
    header_missing: "a header that the operation needs is missing",
    header_blank: "a header that the operation needs is empty",
  },
  /** Not the caller's fault. */
  issuerFaults: {
    settings_invalid: "the settings do not allow a start",
    storage_in_use: "another process uses this data folder",
    internal: "the issuer failed",
  },
} as const;

export type ErrorClass = keyof typeof sentences;

/** The codes of a class. */
export type ErrorCodeOf<Class extends ErrorClass> = Class extends ErrorClass ? keyof (typeof sentences)[Class] : never;

export type ErrorCode = ErrorCodeOf<ErrorClass>;

export type PinPolicyCode = ErrorCodeOf<"pinPolicy">;

const errors = Object.entries(sentences).flatMap(([errorClass, ofClass]) =>
  Object.entries(ofClass).map(([code, sentence]) => ({ code, sentence, errorClass }) as ErrorDescription),
);
const errorsByCode = new Map(errors.map((error) => [error.code, error]));

interface ErrorDescription {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly errorClass: ErrorClass;
}

export const errorCodes: readonly ErrorCode[] = errors.map(({ code }) => code);

export function sentenceOf(code: ErrorCode): string {
  return describedError(code).sentence;
}

export function errorClassOf(code: ErrorCode): ErrorClass {
  return describedError(code).errorClass;
}

function describedError(code: ErrorCode): ErrorDescription {
  return errorsByCode.get(code) as ErrorDescription;
}
