import { bytesFromHex } from "#encoding";
import { decryptAesBlock, encryptAesBlock } from "../aes/aes-block.ts";
import { concatBytes, copySecret, secretBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives } from "../primitives.ts";
import { Pin } from "./pin.ts";

// PIN blocks of ISO 9564-1:2017. Formats 0 to 3 are 8 bytes and come in clear: whoever makes one enciphers or wipes it.
// A PAN is 1 to 19 digits as text; another is `encoding_invalid`. Every decoder is strict: control field, length,
// digits and fill must be as the format has them, and all else is `decryption_failed`.

type RandomSource = Pick<Primitives, "randomBytes">;

/** Format 0, §9.3.2: bound to the PAN, fill F. 8 bytes. @throws LinchpinError `encoding_invalid` */
export function encodePinBlockFormat0(pin: Pin, pan: string): Uint8Array<ArrayBuffer> {
  return combine(
    pinField(0, pin, () => 0xf),
    accountNumberField(pan),
  ); // §9.3.2.1
}

/** @throws LinchpinError `decryption_failed`, `encoding_invalid` for the PAN */
export function decodePinBlockFormat0(pinBlock: Uint8Array, pan: string): Pin {
  return readPinField(0, combine(copyOf(pinBlock, 8), accountNumberField(pan)), (fill) => fill === 0xf);
}

/** Format 1, §9.3.3: where there is no PAN; the transaction field is random. 8 bytes. */
export function encodePinBlockFormat1(random: RandomSource, pin: Pin): Uint8Array<ArrayBuffer> {
  const transactionField = random.randomBytes(8);
  return pinField(1, pin, (index) => nibbleAt(transactionField, index));
}

/** @throws LinchpinError `decryption_failed` */
export function decodePinBlockFormat1(pinBlock: Uint8Array): Pin {
  return readPinField(1, copyOf(pinBlock, 8), () => true);
}

/** Format 2, §9.3.4: for a PIN handed to an IC card, fill F. 8 bytes. */
export function encodePinBlockFormat2(pin: Pin): Uint8Array<ArrayBuffer> {
  return pinField(2, pin, () => 0xf);
}

/** @throws LinchpinError `decryption_failed` */
export function decodePinBlockFormat2(pinBlock: Uint8Array): Pin {
  return readPinField(2, copyOf(pinBlock, 8), (fill) => fill === 0xf);
}

/** Format 3, §9.3.5: as format 0, with a random fill of A to F. 8 bytes. @throws LinchpinError `encoding_invalid` */
export function encodePinBlockFormat3(random: RandomSource, pin: Pin, pan: string): Uint8Array<ArrayBuffer> {
  const choices = random.randomBytes(16);
  const fill = (index: number) => 0xa + (((choices[index] as number) * 6) >> 8);
  return combine(pinField(3, pin, fill), accountNumberField(pan)); // §9.3.5.1
}

/** @throws LinchpinError `decryption_failed`, `encoding_invalid` for the PAN */
export function decodePinBlockFormat3(pinBlock: Uint8Array, pan: string): Pin {
  return readPinField(3, combine(copyOf(pinBlock, 8), accountNumberField(pan)), (fill) => fill >= 0xa);
}

/**
 * Format 4, §9.4.2: enciphered under an AES key of 16 or 32 bytes and bound to the PAN. 16 bytes.
 * @throws LinchpinError `encoding_invalid` for the PAN
 */
export async function encipherPinBlockFormat4(
  primitives: Pick<Primitives, "randomBytes" | "encryptAesCbc">,
  { pin, pan, key }: { pin: Pin; pan: string; key: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const panField = format4PanField(pan);
  const field = format4PinField(primitives, pin);
  try {
    const blockA = await encryptAesBlock(primitives, key, field); // §9.4.2.3
    return await encryptAesBlock(primitives, key, combine(blockA, panField));
  } finally {
    field.fill(0);
  }
}

/** @throws LinchpinError `decryption_failed`, `encoding_invalid` for the PAN */
export async function decipherPinBlockFormat4(
  primitives: Pick<Primitives, "encryptAesCbc" | "decryptAesCbc">,
  { pinBlock, pan, key }: { pinBlock: Uint8Array; pan: string; key: Uint8Array },
): Promise<Pin> {
  const panField = format4PanField(pan);
  const blockB = await decryptAesBlock(primitives, key, copyOf(pinBlock, 16));
  const field = await decryptAesBlock(primitives, key, combine(blockB, panField));
  return readFormat4PinField(field);
}

/** Format 4's plain text PIN field, §9.4.2.2.2: fill A, then 8 random bytes. 16 bytes, in clear: the caller wipes it. */
export function format4PinField(random: RandomSource, pin: Pin): Uint8Array<ArrayBuffer> {
  const firstHalf = pinField(4, pin, () => 0xa);
  const field = concatBytes(firstHalf, random.randomBytes(8));
  firstHalf.fill(0);
  return field;
}

/** The PIN of such a field; its random half is not looked at. Wipes `field`. @throws LinchpinError `decryption_failed` */
export function readFormat4PinField(field: Uint8Array): Pin {
  return readPinField(4, field, (fill) => fill === 0xa);
}

/** Format 4's PAN field, §9.4.2.2.3: how many digits there are beyond 12, the digits with their check digit, zeros. */
export function format4PanField(pan: string): Uint8Array<ArrayBuffer> {
  const digits = checkedPan(pan).padStart(12, "0");
  return bytesFromHex(`${digits.length - 12}${digits}`.padEnd(32, "0"));
}

/** Formats 0 and 3, §9.3.2.3 and §9.3.5.3: the 12 rightmost digits of the PAN without its check digit, zeros before. */
function accountNumberField(pan: string): Uint8Array<ArrayBuffer> {
  return bytesFromHex(checkedPan(pan).slice(0, -1).slice(-12).padStart(16, "0"));
}

function checkedPan(pan: string): string {
  if (!/^[0-9]{1,19}$/.test(pan))
    throw new LinchpinError("encoding_invalid", { field: "pan", reason: "a PAN is 1 to 19 digits" });
  return pan;
}

/** 16 nibbles: control field (§9.3.1), length, PIN, and the format's fill. */
function pinField(format: number, pin: Pin, fill: (index: number) => number): Uint8Array<ArrayBuffer> {
  const head = [format, pin.length];
  const digits = pin.asciiDigits();
  const nibble = (index: number) => (head[index] ?? digits[index - 2] ?? fill(index)) & 0xf;
  const field = secretBytes(8);
  for (let index = 0; index < 8; index++) field[index] = (nibble(2 * index) << 4) | nibble(2 * index + 1);
  return field;
}

/** Wipes `field`. */
function readPinField(format: number, field: Uint8Array, isFill: (nibble: number) => boolean): Pin {
  const length = nibbleAt(field, 1);
  const digits = Uint8Array.from({ length }, (_, index) => 0x30 + nibbleAt(field, 2 + index));
  try {
    let isOfFormat = nibbleAt(field, 0) === format;
    for (let index = 2 + length; index < 16; index++) isOfFormat &&= isFill(nibbleAt(field, index));
    if (isOfFormat) return new Pin(digits); // §9.1: 4 to 12
  } catch {
    // as of another format
  } finally {
    field.fill(0);
    digits.fill(0);
  }
  throw unreadable("not a PIN field of this format");
}

function nibbleAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >> 1] ?? 0;
  return index % 2 === 0 ? byte >> 4 : byte & 0xf;
}

/** `field` becomes `field XOR mask`. */
function combine<Field extends Uint8Array>(field: Field, mask: Uint8Array): Field {
  for (const [index, byte] of mask.entries()) field[index] = (field[index] as number) ^ byte;
  return field;
}

function copyOf(pinBlock: Uint8Array, lengthBytes: number): Uint8Array<ArrayBuffer> {
  if (pinBlock.length !== lengthBytes) throw unreadable(`not a PIN block of ${lengthBytes} bytes`);
  return copySecret(pinBlock);
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason });
}
