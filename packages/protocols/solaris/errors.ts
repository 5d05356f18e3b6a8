import { answerTo, type ErrorAnswers, type LinchpinError, type Refusals, type ShapeFault } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

type Words = readonly [status: number, code: string, title: string];

/** The issuer's own fault, or a code that no operation of this protocol raises. */
const failed: Words = [500, "internal_server_error", "Internal Server Error"];
const notFound: Words = [404, "model_not_found", "Model Not Found"];
const notAllowed: Words = [403, "unauthorized_action", "Unauthorized Action"];
const invalidEncryptedPin: Words = [422, "invalid_encrypted_pin", "Invalid Encrypted PIN"];
const invalidKeyId: Words = [422, "invalid_key_id", "Invalid Key ID"];
const unprocessable: Words = [422, "unprocessable_entity", "Unprocessable Entity"];

/**
 * Status, code and title on Solaris' wire. Published are those of `json_invalid`, `request_invalid`, `callers`, what is not
 * found, and `tan_invalid`; the others are chosen, as the reference names no code.
 */
const answers: ErrorAnswers<Words> = {
  pinPolicy: [422, "invalid_pin", "Invalid PIN"],
  message: {
    pin_malformed: failed,
    encoding_invalid: failed,
    jwe_malformed: invalidEncryptedPin,
    decryption_failed: invalidEncryptedPin,
    signature_invalid: [422, "invalid_signature", "Invalid Signature"],
    public_key_unusable: [422, "invalid_key", "Invalid Key"],
    replayed: [409, "encrypted_pin_already_used", "Encrypted PIN Already Used"],
  },
  keys: {
    key_unknown: invalidKeyId,
    key_mismatch: invalidKeyId,
    key_expired: [422, "expired_key_id", "Expired Key ID"],
  },
  callers: {
    credentials_missing: [401, "token_required", "Token Required"],
    caller_unknown: [401, "invalid_token", "Invalid Token"],
    token_expired: [401, "invalid_token", "Invalid Token"],
    caller_not_allowed: notAllowed,
  },
  capacity: {
    rate_limited: [429, "too_many_requests", "Too Many Requests"],
    unavailable: [503, "service_unavailable", "Service Unavailable"],
  },
  cards: {
    card_unknown: notFound,
    card_blocked: [409, "card_blocked", "Card Blocked"],
    card_terminated: [409, "card_terminated", "Card Terminated"],
    pin_not_set: failed,
    pin_blocked: failed,
    card_data_not_set: failed,
  },
  persons: {
    person_unknown: notFound,
    mobile_number_missing: [403, "mobile_number_missing", "Mobile Number Missing"],
    mobile_number_exists: [409, "mobile_number_exists", "Mobile Number Exists"],
    mobile_number_unknown: notFound,
    person_name_missing: failed,
  },
  devices: {
    device_unknown: notFound,
    device_unverified: [403, "device_not_verified", "Device Not Verified"],
    device_of_another_person: notAllowed,
    device_key_missing: [422, "device_key_missing", "Device Key Missing"],
    device_key_exists: [409, "device_key_exists", "Device Key Exists"],
    too_many_devices: [409, "too_many_devices", "Too Many Devices"],
    challenge_unknown: notFound,
    challenge_ended: [409, "challenge_ended", "Challenge Ended"],
    activation_code_exists: [409, "activation_code_exists", "Activation Code Exists"],
    activation_code_missing: [409, "activation_code_missing", "Activation Code Missing"],
    change_request_unknown: notFound,
    change_request_ended: unprocessable,
    change_request_unauthorized: unprocessable,
    tan_invalid: [422, "invalid_tan", "Invalid TAN"],
  },
  requests: {
    request_invalid: [400, "validation_error", "Validation Error"],
    json_invalid: [400, "invalid_json", "Invalid JSON"],
    media_type_unsupported: [415, "unsupported_media_type", "Unsupported Media Type"],
    body_too_large: [413, "payload_too_large", "Payload Too Large"],
    not_found: [404, "not_found", "Not Found"],
    conflict: failed,
  },
  headers: failed,
  signingMethods: failed,
  idempotency: failed,
  sessions: failed,
  deviceHalf: failed,
  issuerFaults: failed,
};

/** What Solaris' refusals are to the device half. */
export const refusals: Refusals = {
  wordIn: (body) => body?.errors?.[0]?.code,
  codes: {
    invalid_pin: "pin_refused",
    encrypted_pin_already_used: "replayed",
    expired_key_id: "key_expired",
    invalid_key_id: "key_unknown",
    invalid_signature: "signature_invalid",
    invalid_tan: "tan_invalid",
    device_not_verified: "device_unverified",
    card_blocked: "card_blocked",
    card_terminated: "card_terminated",
    challenge_ended: "challenge_ended",
    too_many_devices: "too_many_devices",
    mobile_number_missing: "mobile_number_missing",
  },
};

/**
 * An error in Solaris' words; a request of another shape is answered with every fault. `explanation` is the sandbox's alone:
 * what was wrong, told to the caller.
 * @param requestId a UUID, by which the log has it; its 32 hex digits and `ex` are the error's id
 */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, code, title] = answerTo(answers, error.code);
  const id = `${requestId.replaceAll("-", "")}ex`;
  const faults = faultsOf(error);
  const errors = faults.map(({ field, reason, isOtherType }) => {
    const isOne = faults.length === 1 || reason === undefined;
    const why = explanation === undefined || isOne ? explanation : reason;
    const detail = status >= 500 ? title : [error.message, why].filter((part) => part).join(". ");
    const source = field === undefined ? {} : { source: { field, message: error.message } };
    const words = isOtherType ? { code: "type_error", title: "Type Error" } : { code, title };
    return { id, status, ...words, detail, ...source };
  });
  return { status, body: { errors } };
}

function faultsOf({ code, field, cause }: LinchpinError): readonly Partial<ShapeFault>[] {
  const isShape = code === "request_invalid" && Array.isArray(cause) && cause.length > 0;
  return isShape ? (cause as readonly ShapeFault[]) : [{ field }];
}
