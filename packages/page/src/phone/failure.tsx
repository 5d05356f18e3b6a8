import { LinchpinError } from "@linchpin/core";

export const codeOf = (error: unknown): string => (error instanceof LinchpinError ? error.code : "internal");

/** What the cardholder reads about a failure where no element of ours shows it. */
const sentences: Readonly<Record<string, string>> = {
  signature_invalid: "That is not the code that was sent.",
  tan_invalid: "That is not the code that was sent.",
  challenge_ended: "The code has expired. Begin anew.",
  signing_method_incorrect: "Wrong PIN.",
  signing_method_locked: "Too many wrong PINs: the signing PIN is locked. Choose a new one.",
  signing_method_malformed: "A signing PIN has six digits.",
  device_unbound: "Set up this phone first.",
  device_unverified: "Set up this phone first.",
  code_incorrect: "The code or the digits are wrong. Begin anew, with another code.",
  code_locked: "Too many wrong codes. Ask the bank.",
  too_many_devices: "You have as many phones as are allowed.",
  device_unknown: "Set up this phone first.",
  aborted: "You did not go on. Nothing was sent.",
  session_refused: "Something on the way to the bank is lying. Nothing was sent.",
  manifest_refused: "Something on the way to the bank is lying. Nothing was sent.",
  manifest_expired: "The list of the bank's keys is out of date. Nothing was sent.",
  issuer_key_unvouched: "Something on the way to the bank is lying. Nothing was sent.",
  session_stale: "The PIN was changed meanwhile. Try again.",
  pin_not_set: "The card has no PIN yet.",
  pin_refused: "That is not the card's PIN. Begin anew, with another code.",
  pin_blocked: "The PIN is blocked. Ask the bank.",
  outcome_unknown: "We could not find out what became of it.",
  public_key_unusable: "Something on the way to the bank is broken. Nothing was sent.",
};

export function Failure({ code }: { code: string | null }) {
  return (
    <p class="failure" role="alert">
      {code === null ? "" : (sentences[code] ?? "That did not work. Try again.")}
    </p>
  );
}
