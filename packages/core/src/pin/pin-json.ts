import { utf8 } from "#encoding";
import { concatBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import { Pin } from "./pin.ts";

// `{"pin":"…"}` as bytes: what several protocols seal. `JSON` reads and writes strings, which can not be wiped.

/** `{"pin":"1928"}` in UTF-8. The caller wipes it. */
export function encodePinJson(pin: Pin): Uint8Array<ArrayBuffer> {
  return concatBytes(utf8('{"pin":"'), pin.asciiDigits(), utf8('"}'));
}

/**
 * The PIN of a JSON object, without making a string: JSON white space is allowed, the one member is `pin`, a string of
 * 4 to 12 ASCII digits without escapes. Wipes `plaintext`.
 * @param wrongLength what ASCII digits that are fewer or more are refused with. An issuer takes `pin_length`: what was sealed
 *   is authenticated, so that this is a rule of digits like those of the policy
 * @throws LinchpinError `wrongLength`; `decryption_failed` for all else: a plaintext of another form answers as one that did
 *   not open
 */
export function decodePinJson(
  plaintext: Uint8Array,
  wrongLength: "pin_length" | "decryption_failed" = "decryption_failed",
): Pin {
  try {
    const name = after(plaintext, after(plaintext, 0, "{"), '"pin"');
    const digits = after(plaintext, after(plaintext, name, ":"), '"', "the member pin is not a JSON string");
    const closing = plaintext.indexOf(quote, digits);
    if (closing === -1) throw unreadable("the member pin does not end");
    const end = after(plaintext, closing + 1, "}", "there are members beside pin");
    if (skipSpace(plaintext, end) !== plaintext.length) throw unreadable("something follows the JSON object");
    return pinOf(plaintext.subarray(digits, closing), wrongLength);
  } finally {
    plaintext.fill(0);
  }
}

const quote = 0x22;
const space = [0x20, 0x09, 0x0a, 0x0d]; // RFC 8259 §2

/** Where `token` ends, white space before it skipped. */
function after(bytes: Uint8Array, from: number, token: string, refusal = 'it is not {"pin":"…"}'): number {
  const start = skipSpace(bytes, from);
  const isThere = utf8(token).every((byte, index) => bytes[start + index] === byte);
  if (!isThere) throw unreadable(refusal);
  return start + token.length;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (space.includes(bytes[at] ?? -1)) at++;
  return at;
}

function pinOf(digits: Uint8Array, wrongLength: "pin_length" | "decryption_failed"): Pin {
  try {
    return new Pin(digits);
  } catch {
    const isDigits = digits.length > 0 && digits.every((byte) => byte >= 0x30 && byte <= 0x39);
    if (isDigits && wrongLength === "pin_length") throw new LinchpinError(wrongLength, { field: "pin" });
    throw unreadable("the member pin is not 4 to 12 ASCII digits");
  }
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason: `it opened, but ${reason}` });
}
