import { secretBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import { Pin } from "./pin.ts";

// ISO 9564-1:2017 §9.3.4, format 2, whose 16 nibbles are written as 16 ASCII characters in place of 8 bytes:
// `245678FFFFFFFFFF` for 5678. In clear: whoever makes such a text seals or wipes it.

const control = 0x32;
const fill = 0x46;

/** 16 characters. A length of 10 to 12 is written as `a` to `c`, the fill as `F`. */
export function encodePinBlockFormat2Text(pin: Pin): Uint8Array<ArrayBuffer> {
  const text = secretBytes(16).fill(fill);
  text.set([control, pin.length + (pin.length < 10 ? 0x30 : 0x57)]);
  text.set(pin.asciiDigits(), 2);
  return text;
}

/**
 * Takes hexadecimal digits in either case, and is strict in all else: control field, length, digits and fill.
 * @throws LinchpinError `decryption_failed`
 */
export function decodePinBlockFormat2Text(text: Uint8Array): Pin {
  const [first, second = 0] = text;
  const length = second <= 0x39 ? second - 0x30 : (second & 0xdf) - 0x37;
  // `subarray` counts a negative end from the back, so a character below "0" must not become a length.
  const isBlock =
    text.length === 16 &&
    first === control &&
    length >= 0 &&
    text.subarray(2 + length).every((character) => (character & 0xdf) === fill);
  try {
    if (isBlock) return new Pin(text.subarray(2, 2 + length)); // 4 to 12 digits
  } catch {
    // As all else that is no such block.
  }
  throw new LinchpinError("decryption_failed");
}
