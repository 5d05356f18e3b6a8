/**
 * The one error of the house. `code` is stable and safe to show; `reason` is for the operator alone
 * (and, in the sandbox, for the caller). Neither ever holds a value that was received.
 */
export class LinchpinError extends Error {
  override readonly name = "LinchpinError";
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  /** The member of the request that is at fault, where one is. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, about: { reason?: string; field?: string; cause?: unknown } = {}) {
    super(messages[code], about.cause === undefined ? undefined : { cause: about.cause });
    this.code = code;
    this.reason = about.reason;
    this.field = about.field;
  }
}

/** Every code, with the sentence that says what rule was broken. Codes are never renamed. */
const messages = {
  // the PIN and its policy
  pin_malformed: "a PIN is 4 to 12 ASCII digits",
  pin_length: "the PIN does not have the number of digits that the card program asks for",
  pin_sequence: "the PIN is a sequence of digits",
  pin_repeats: "the PIN repeats one digit too often",
  pin_denied: "the PIN is on the card program's deny list",
  pin_reused: "the PIN was used on this card before",
  // what a device or a relay sends
  encoding_invalid: "not a canonical encoding",
  jwe_malformed: "not a compact JWE with RSA-OAEP-256, A256CBC-HS512 and a kid",
  decryption_failed: "the sealed PIN could not be opened",
  signature_invalid: "the signature does not verify with the key it must be made by",
  public_key_unusable: "the public key can not be used for this",
  replayed: "this sealed PIN was used before",
  random_unavailable: "this platform has no source of randomness",
  // keys
  key_unknown: "no key of this purpose has this id",
  key_expired: "the key is past its overlap: fetch the latest one and seal again",
  key_mismatch: "the key id of the request and the kid of the JWE differ",
  // callers
  credentials_missing: "the request carries no credentials",
  caller_unknown: "the credentials are not valid",
  token_expired: "the access token has expired",
  caller_not_allowed: "the caller may not do this",
  rate_limited: "too many requests: try again later",
  // cards and persons
  card_unknown: "no such card",
  card_blocked: "the card is blocked",
  card_terminated: "the card is terminated",
  pin_not_set: "the card has no PIN yet",
  pin_blocked: "the PIN is blocked",
  card_data_not_set: "the card has no PAN and CVV2 here",
  person_unknown: "no such person",
  mobile_number_missing: "the person has no verified mobile number",
  mobile_number_exists: "the person has a mobile number already",
  mobile_number_unknown: "the person has no such mobile number",
  // devices and challenges
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
  // requests and the house
  request_invalid: "the request does not have the documented shape",
  header_missing: "a header that the operation needs is missing",
  header_blank: "a header that the operation needs is empty",
  json_invalid: "the body is not valid JSON",
  media_type_unsupported: "the content type is not supported here",
  body_too_large: "the body is larger than this operation takes",
  not_found: "nothing is here",
  conflict: "the state of the object does not allow this",
  settings_invalid: "the settings do not allow a start",
  storage_in_use: "another process uses this data folder",
  unavailable: "the issuer can not take the request now",
  internal: "the issuer failed",
} as const;

export type ErrorCode = keyof typeof messages;

export const errorCodes = Object.keys(messages) as readonly ErrorCode[];
