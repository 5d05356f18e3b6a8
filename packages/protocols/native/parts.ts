import { bytesFromOctets, copySecret, LinchpinError, type Pin, readFormat4PinField, secretBytes } from "@linchpin/core";
import { partsBytes } from "./layout.ts";

// The plaintext of a sealed message, 48 bytes whatever it holds: PIN field (16) ‖ code (16) ‖ digits (16).

const pinFieldAt = 0;
const codeAt = 16;
const digitsAt = 32;

/** The parts that an operation has. The others are zero. */
export interface UsedParts {
  readonly pin: boolean;
  readonly codeAndDigits: boolean;
}

/** @param presentPin whether the session asks for the present PIN when a device is bound */
export function usedParts({
  op,
  auth,
  presentPin = false,
}: {
  op: string;
  auth: string;
  presentPin?: boolean | undefined;
}): UsedParts {
  return { pin: op !== "bind" || presentPin, codeAndDigits: auth === "code" };
}

/**
 * @param pinField ISO 9564-1:2017 §9.4.2.2.2, 16 bytes; empty where the operation has no PIN
 * @param code ASCII, at most 16 characters
 * @param digits the last eight digits of the PAN
 * @returns in clear: the caller wipes it
 */
export function encodeParts(pinField: Uint8Array, code: string, digits: string): Uint8Array<ArrayBuffer> {
  const plaintext = secretBytes(partsBytes);
  plaintext.set(pinField, pinFieldAt);
  plaintext.set(bytesFromOctets(code), codeAt);
  plaintext.set(bytesFromOctets(digits), digitsAt);
  return plaintext;
}

/** A message that was opened. Whoever opens one wipes it. */
export interface Parts {
  /** 16 bytes, not yet read: code and digits are compared first. */
  readonly pinField: Uint8Array;
  /** 32 bytes: code and digits, each with zeros behind. One value, so that they get one verdict. */
  readonly codeAndDigits: Uint8Array;
  wipe(): void;
}

/** Takes `plaintext` over. @throws LinchpinError `decryption_failed`, having wiped it: another length, a part not zero */
export function decodeParts(plaintext: Uint8Array, used: UsedParts): Parts {
  const parts = {
    pinField: plaintext.subarray(pinFieldAt, codeAt),
    codeAndDigits: plaintext.subarray(codeAt),
    wipe: () => void plaintext.fill(0),
  };
  const isUnusedZero = (used.pin || isZero(parts.pinField)) && (used.codeAndDigits || isZero(parts.codeAndDigits));
  if (plaintext.length === partsBytes && isUnusedZero) return parts;
  parts.wipe();
  throw new LinchpinError("decryption_failed", { reason: "not the parts that the operation has" });
}

/** The PIN of the field. The caller wipes it. @throws LinchpinError `decryption_failed`: not as format 4 has it */
export function readPin({ pinField }: Pick<Parts, "pinField">): Pin {
  return readFormat4PinField(copySecret(pinField));
}

/** What `Parts.codeAndDigits` must be. The caller wipes it. */
export function encodeCodeAndDigits(code: Uint8Array, digits: Uint8Array): Uint8Array {
  const expected = secretBytes(partsBytes - codeAt);
  expected.set(code);
  expected.set(digits, digitsAt - codeAt);
  return expected;
}

/** Without a branch on what stands where. */
function isZero(bytes: Uint8Array): boolean {
  return bytes.reduce((any, byte) => any | byte, 0) === 0;
}
