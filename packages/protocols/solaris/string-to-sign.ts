import { LinchpinError } from "@linchpin/core";

/**
 * What a signature over a `string_to_sign` authorizes. Solaris publishes no form for this string; the issuer writes it as
 *
 *     linchpin-authorization-1;operation=change_pin;card=…;at=2026-11-28T19:44:13Z;nonce=…
 *     linchpin-authorization-1;operation=answer_challenge;device=…;at=2026-11-28T19:44:13Z;nonce=…
 *
 * No other text that a device key signs has this form: codes are six digits, sealed PINs are compact JWEs, keys are hex.
 */
export type AuthorizedOperation =
  | { readonly operation: "change_pin"; readonly card: string }
  | { readonly operation: "answer_challenge"; readonly device: string };

/** An operation, and when the issuer was asked for its authorization; to the second. */
export type Authorization = AuthorizedOperation & { readonly at: Date };

/** @param nonce 256 random bits in base64url */
export function writeStringToSign({ at, ...operation }: Authorization, nonce: string): string {
  return `${prefixOf(operation)}at=${at.toISOString().slice(0, 19)}Z;nonce=${nonce}`;
}

/**
 * What the string authorizes, to be shown to the cardholder before it is signed.
 * @throws LinchpinError `request_invalid`: the string does not have the form above
 */
export function readStringToSign(text: string): Authorization {
  const [, card, device = "", time = ""] = form.exec(text) ?? [];
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw invalid("it does not have the form of the issuer's strings");
  return card === undefined ? { operation: "answer_challenge", device, at } : { operation: "change_pin", card, at };
}

/** @throws LinchpinError `request_invalid`: the string has another form, or authorizes another operation */
export function checkStringToSign(text: string, expected: AuthorizedOperation): void {
  readStringToSign(text);
  if (!text.startsWith(prefixOf(expected))) throw invalid("it authorizes another operation");
}

const form =
  /^linchpin-authorization-1;operation=(?:change_pin;card=([\w-]{1,64})|answer_challenge;device=([\w-]{1,64}));at=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ);nonce=[\w-]{43}$/;

function prefixOf(operation: AuthorizedOperation): string {
  const subject = operation.operation === "change_pin" ? `card=${operation.card}` : `device=${operation.device}`;
  return `linchpin-authorization-1;operation=${operation.operation};${subject};`;
}

function invalid(reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field: "string_to_sign", reason });
}
