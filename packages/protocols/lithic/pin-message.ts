import { concatBytes, LinchpinError, Pin, utf8 } from "@linchpin/core";

// `{"nonce":12341234,"pin":"1234"}` as bytes: what is sealed. `JSON` reads and writes strings, which can not be wiped.

/** A nonce has so many digits; one client's type has 128 bits. */
const nonceDigits = { min: 8, max: 39 } as const;

/** `nonce`: decimal digits. The caller wipes the result. */
export function encodePinMessage(nonce: string, pin: Pin): Uint8Array<ArrayBuffer> {
  return concatBytes(utf8(`{"nonce":${nonce},"pin":"`), pin.asciiDigits(), utf8('"}'));
}

export interface PinMessage {
  /** As it was sent, which is canonical: two nonces above 2^53 stay two. */
  readonly nonce: string;
  readonly pin: Pin;
}

/**
 * Reads the message without making a string of the PIN. Zeros may stand before it, as a vault puts them there. JSON white
 * space is allowed, and either order of the two members, each of which comes once; no escapes. `nonce` is an integer of 8
 * to 39 digits without sign, fraction or exponent, `pin` a string of 4 to 12 ASCII digits. Wipes `plaintext`.
 * @throws LinchpinError `decryption_failed` for all else: a plaintext of another form answers as one that did not open
 */
export function decodePinMessage(plaintext: Uint8Array): PinMessage {
  let pin: Pin | null = null;
  try {
    const start = plaintext.findIndex((byte) => byte !== 0);
    let at = after(plaintext, Math.max(start, 0), "{");
    let nonce: string | null = null;
    for (let member = 0; member < 2; member++) {
      if (member > 0) at = after(plaintext, at, ",");
      if (nonce === null && isAt(plaintext, at, '"nonce"')) {
        const from = skipSpace(plaintext, after(plaintext, after(plaintext, at, '"nonce"'), ":"));
        at = endOfDigits(plaintext, from);
        nonce = readNonce(plaintext.subarray(from, at));
      } else if (pin === null) {
        const from = after(plaintext, after(plaintext, after(plaintext, at, '"pin"'), ":"), '"');
        at = endOfDigits(plaintext, from);
        pin = readPin(plaintext.subarray(from, at));
        if (plaintext[at] !== quote) throw unreadable("the member pin is not a JSON string of digits");
        at++;
      } else throw unreadable("a member is neither nonce nor pin, or comes twice");
    }
    at = skipSpace(plaintext, after(plaintext, at, "}"));
    if (at !== plaintext.length || nonce === null || pin === null)
      throw unreadable("something follows the JSON object");
    return { nonce, pin };
  } catch (error) {
    pin?.wipe();
    throw error;
  } finally {
    plaintext.fill(0);
  }
}

const quote = 0x22;
const space = [0x20, 0x09, 0x0a, 0x0d]; // RFC 8259 §2

function isAt(bytes: Uint8Array, from: number, token: string): boolean {
  const start = skipSpace(bytes, from);
  return utf8(token).every((byte, index) => bytes[start + index] === byte);
}

/** Where `token` ends, white space before it skipped. */
function after(bytes: Uint8Array, from: number, token: string): number {
  if (!isAt(bytes, from, token)) throw unreadable('it is not {"nonce":…,"pin":"…"}');
  return skipSpace(bytes, from) + token.length;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (space.includes(bytes[at] ?? -1)) at++;
  return at;
}

function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** RFC 8259 §6: a number begins with no zero. */
function readNonce(digits: Uint8Array): string {
  if (digits.length < nonceDigits.min || digits.length > nonceDigits.max || digits[0] === 0x30)
    throw unreadable("the member nonce is no integer of 8 to 39 digits");
  return String.fromCharCode(...digits);
}

function readPin(digits: Uint8Array): Pin {
  try {
    return new Pin(digits);
  } catch {
    throw unreadable("the member pin is not 4 to 12 ASCII digits");
  }
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason: `it opened, but ${reason}` });
}
