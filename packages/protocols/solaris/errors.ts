import type { ErrorCode, LinchpinError } from "@linchpin/core";
import type { ErrorReply } from "./wire.ts";

/** Status, code and title on Solaris' wire for each code of the house that this protocol can meet. */
const words: Partial<Record<ErrorCode, readonly [status: number, code: string, title: string]>> = {
  // published
  json_invalid: [400, "invalid_json", "Invalid JSON"],
  request_invalid: [400, "validation_error", "Validation Error"],
  credentials_missing: [401, "token_required", "Token Required"],
  caller_unknown: [401, "invalid_token", "Invalid Token"],
  token_expired: [401, "invalid_token", "Invalid Token"],
  caller_not_allowed: [403, "unauthorized_action", "Unauthorized Action"],
  card_unknown: [404, "model_not_found", "Model Not Found"],
  person_unknown: [404, "model_not_found", "Model Not Found"],
  device_unknown: [404, "model_not_found", "Model Not Found"],
  challenge_unknown: [404, "model_not_found", "Model Not Found"],
  change_request_unknown: [404, "model_not_found", "Model Not Found"],
  mobile_number_unknown: [404, "model_not_found", "Model Not Found"],
  not_found: [404, "not_found", "Not Found"],
  tan_invalid: [422, "invalid_tan", "Invalid TAN"],
  // chosen: the reference names no code
  pin_length: [422, "invalid_pin", "Invalid PIN"],
  pin_sequence: [422, "invalid_pin", "Invalid PIN"],
  pin_repeats: [422, "invalid_pin", "Invalid PIN"],
  pin_denied: [422, "invalid_pin", "Invalid PIN"],
  pin_reused: [422, "invalid_pin", "Invalid PIN"],
  jwe_malformed: [422, "invalid_encrypted_pin", "Invalid Encrypted PIN"],
  decryption_failed: [422, "invalid_encrypted_pin", "Invalid Encrypted PIN"],
  key_unknown: [422, "invalid_key_id", "Invalid Key ID"],
  key_mismatch: [422, "invalid_key_id", "Invalid Key ID"],
  key_expired: [422, "expired_key_id", "Expired Key ID"],
  signature_invalid: [422, "invalid_signature", "Invalid Signature"],
  public_key_unusable: [422, "invalid_key", "Invalid Key"],
  replayed: [409, "encrypted_pin_already_used", "Encrypted PIN Already Used"],
  card_blocked: [409, "card_blocked", "Card Blocked"],
  card_terminated: [409, "card_terminated", "Card Terminated"],
  device_of_another_person: [403, "unauthorized_action", "Unauthorized Action"],
  device_unverified: [403, "device_not_verified", "Device Not Verified"],
  device_key_missing: [422, "device_key_missing", "Device Key Missing"],
  device_key_exists: [409, "device_key_exists", "Device Key Exists"],
  too_many_devices: [409, "too_many_devices", "Too Many Devices"],
  challenge_ended: [409, "challenge_ended", "Challenge Ended"],
  activation_code_exists: [409, "activation_code_exists", "Activation Code Exists"],
  activation_code_missing: [409, "activation_code_missing", "Activation Code Missing"],
  change_request_ended: [422, "unprocessable_entity", "Unprocessable Entity"],
  change_request_unauthorized: [422, "unprocessable_entity", "Unprocessable Entity"],
  mobile_number_missing: [403, "mobile_number_missing", "Mobile Number Missing"],
  mobile_number_exists: [409, "mobile_number_exists", "Mobile Number Exists"],
  rate_limited: [429, "too_many_requests", "Too Many Requests"],
  media_type_unsupported: [415, "unsupported_media_type", "Unsupported Media Type"],
  body_too_large: [413, "payload_too_large", "Payload Too Large"],
  unavailable: [503, "service_unavailable", "Service Unavailable"],
};

const otherwise = [500, "internal_server_error", "Internal Server Error"] as const;

/**
 * An error in Solaris' words. `explanation` is the sandbox's alone: what was wrong, told to the caller.
 * @param requestId a UUID, by which the log has it; its 32 hex digits and `ex` are the error's id
 */
export function describeError(
  error: LinchpinError,
  explanation: string | undefined,
  requestId: string,
): { status: number; body: ErrorReply } {
  const [status, code, title] = words[error.code] ?? otherwise;
  const detail = status >= 500 ? title : [error.message, explanation].filter((part) => part).join(". ");
  const source = error.field === undefined ? {} : { source: { field: error.field, message: error.message } };
  const id = `${requestId.replaceAll("-", "")}ex`;
  return { status, body: { errors: [{ id, status, code, title, detail, ...source }] } };
}
