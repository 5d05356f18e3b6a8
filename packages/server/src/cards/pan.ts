import { randomBytes } from "node:crypto";
import { concatBytes, randomCharacters, utf8 } from "@linchpin/core";
import type { RandomBytes } from "../identifiers.ts";

/** ISO/IEC 7812-1 Annex B: the last of the ASCII digits is the check digit of those before it. */
export function hasCheckDigit(pan: Uint8Array): boolean {
  return luhnSum(pan) % 10 === 0;
}

/** Of no country's numbering (ISO/IEC 7812-1 §4.1: 9, then an ISO 3166 code; 999 is nobody's). */
const testIin = "999999";

/** 16 ASCII digits that are no issued card's. */
export function makeTestPan(random: RandomBytes = randomBytes): Uint8Array {
  const account = randomCharacters({ randomBytes: random }, utf8("0123456789"), 9);
  const pan = concatBytes(utf8(testIin), account, utf8("0"));
  pan[15] = 0x30 + ((10 - (luhnSum(pan) % 10)) % 10);
  return pan;
}

/** Every second digit from the right counts twice, its digits added up. */
function luhnSum(pan: Uint8Array): number {
  return pan.reduce((sum, byte, index) => {
    const digit = byte - 0x30;
    const isDoubled = (pan.length - index) % 2 === 0;
    return sum + (isDoubled ? (2 * digit > 9 ? 2 * digit - 9 : 2 * digit) : digit);
  }, 0);
}
