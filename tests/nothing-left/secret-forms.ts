import { Buffer } from "node:buffer";

/** What is looked for: one secret, written in one way. */
export interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Uint8Array;
}

/** How a secret may be written where it should not be. `pan`: what a PIN block of format 0 would be bound to. */
export function needlesOf(secret: string, text: string, pan = "4111111111111111"): Needle[] {
  const forms = { ...textForms(Buffer.from(text)), ...(/^\d{4,12}$/.test(text) ? digitForms(text, pan) : {}) };
  return Object.entries(forms).map(([form, bytes]) => ({ secret, form, bytes }));
}

function textForms(text: Buffer): Record<string, Uint8Array> {
  const codes = [...text];
  return {
    ASCII: text,
    "UTF-16LE": Buffer.from(text.toString(), "utf16le"),
    "hex of ASCII": Buffer.from(text.toString("hex")),
    "HEX of ASCII": Buffer.from(text.toString("hex").toUpperCase()),
    "list of character codes": Buffer.from(codes.join()),
    "spaced list of character codes": Buffer.from(codes.join(", ")),
    "JSON of a typed array": Buffer.from(codes.map((code, index) => `"${index}":${code}`).join()),
    ...base64Forms("ASCII", text),
    ...(text.length < longestCommon ? {} : { "first half": text.subarray(0, 12), "second half": text.subarray(-12) }),
  };
}

/** Half of less may well be somewhere by chance. */
const longestCommon = 24;

/** ISO 9564's: format 4's field, and what formats 1 and 2 hold, is the length and then packed digits. */
function digitForms(digits: string, pan: string): Record<string, Uint8Array> {
  const packed = Buffer.from(digits, "hex");
  const pinField = Buffer.from(`0${digits.length.toString(16)}${digits}`.padEnd(16, "f"), "hex");
  const accountNumber = Buffer.from(pan.slice(-13, -1).padStart(16, "0"), "hex");
  const format0 = pinField.map((byte, index) => byte ^ (accountNumber[index] ?? 0));
  return {
    "packed digits": packed,
    "one digit a byte": Uint8Array.from(digits, Number),
    "a double": new Uint8Array(Float64Array.of(Number(digits)).buffer),
    "format 0": format0,
    "hex of format 0": Buffer.from(Buffer.from(format0).toString("hex")),
    ...base64Forms("packed digits", packed),
  };
}

/** In either alphabet, wherever among three bytes it begins; without the characters that its neighbours have a part in. */
function base64Forms(what: string, bytes: Buffer): Record<string, Uint8Array> {
  const forms: Record<string, Uint8Array> = {};
  for (const encoding of ["base64", "base64url"] as const)
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
      const whole = Math.floor((8 * (before + bytes.length)) / 6);
      forms[`${encoding} of ${what}, ${before} bytes in`] = Buffer.from(text.slice(Math.ceil((8 * before) / 6), whole));
    }
  return forms;
}
