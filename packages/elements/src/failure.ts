import type { ErrorCode } from "@linchpin/core";
import type { Messages } from "./messages.ts";

/** What the cardholder reads when a call failed, and what is offered next. */
export interface Failure {
  /** The code of the LinchpinError; `internal` for whatever else was thrown. */
  readonly code: string;
  readonly text: keyof Messages;
  readonly next: Next;
}

type Next = "chooseAnother" | "retry" | "nothing";

/** Never throws: whatever a caller's function threw, the cardholder gets words; `otherwise`, where no row fits. */
export function failureOf(error: unknown, otherwise: keyof Messages): Failure {
  const code = codeOf(error);
  const [text, next] = rows.find(([, , codes]) => codes.includes(code)) ?? [otherwise, "retry"];
  return { code, text, next };
}

/** By its `code`, not by its class: core may be in the page twice. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "internal";
}

const row = (text: keyof Messages, next: Next, ...codes: ErrorCode[]) => [text, next, codes as string[]] as const;

// Codes of the issuer's inside (json_invalid, storage_in_use …) are not here: they mean nothing to a cardholder.
const rows = [
  row("failureLength", "chooseAnother", "pin_length", "pin_malformed"),
  row("failureSequence", "chooseAnother", "pin_sequence"),
  row("failureRepeats", "chooseAnother", "pin_repeats"),
  row("failureDenied", "chooseAnother", "pin_denied"),
  row("failureReused", "chooseAnother", "pin_reused"),
  row("failurePinRefused", "chooseAnother", "pin_refused"),
  row("failureCardBlocked", "nothing", "card_blocked"),
  row("failureCardTerminated", "nothing", "card_terminated", "card_unknown"),
  row("failurePinBlocked", "nothing", "pin_blocked"),
  row("failurePinNotSet", "nothing", "pin_not_set"),
  row("failureSession", "nothing", "credentials_missing", "caller_unknown", "caller_not_allowed", "token_expired"),
  row("failureSession", "nothing", "challenge_unknown", "challenge_ended"),
  row("failureSession", "nothing", "change_request_unknown", "change_request_ended", "change_request_unauthorized"),
  row("failureDevice", "nothing", "device_unbound", "device_unknown", "device_unverified"),
  row("failureDevice", "nothing", "device_of_another_person", "device_key_missing"),
  row("failureRefused", "retry", "replayed", "decryption_failed", "signature_invalid", "tan_invalid"),
  row("failureRefused", "retry", "key_expired", "key_unknown", "key_mismatch", "refused"),
  row("failureUnsafe", "nothing", "random_unavailable", "public_key_unusable"),
  row("failureUnsafe", "nothing", "manifest_refused", "manifest_expired", "issuer_key_unvouched", "session_refused"),
  row("failureNotSent", "retry", "platform_failed", "aborted"),
  row("failureRefused", "retry", "user_unknown", "signing_method_unknown", "signing_method_incorrect"),
  row("failureRefused", "retry", "signing_method_malformed", "signing_method_locked"),
  row("failureRefused", "retry", "session_stale", "session_mismatch", "session_expired", "conflict", "code_incorrect"),
  row("failureTooMany", "retry", "rate_limited", "code_locked"),
  row("failureUnavailable", "retry", "unavailable", "unreachable", "timed_out"),
  row("failureUnknown", "retry", "outcome_unknown"),
];
