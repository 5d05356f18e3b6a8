import { randomBytes } from "node:crypto";
import { concatBytes, randomCharacters, utf8 } from "@linchpin/core";
import { hasCheckDigit } from "@linchpin/server/issuer";

/** Of no country's numbering (ISO/IEC 7812-1 §4.1: 9, then an ISO 3166 code; 999 is nobody's). */
const testIin = "999999";

/** 16 ASCII digits, a check digit included, that are no issued card's. */
export function makeTestPan(random: (lengthBytes: number) => Uint8Array<ArrayBuffer> = randomBytes): Uint8Array {
  const account = randomCharacters({ randomBytes: random }, utf8("0123456789"), 9);
  const pan = concatBytes(utf8(testIin), account, utf8("0"));
  while (!hasCheckDigit(pan)) pan[15] = (pan[15] ?? 0) + 1;
  return pan;
}
