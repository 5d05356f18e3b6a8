import { concatBytes } from "./bytes.ts";
import { LinchpinError } from "./errors/errors.ts";

// ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3), for P-256, in DER: X.690 §8.3.2, §10.1.

const integerBytes = 32;

/** `r ‖ s` (64 bytes) as ASN.1 DER, 8 to 72 bytes. */
export function derFromSignature(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = concatBytes(
    derInteger(signature.subarray(0, integerBytes)),
    derInteger(signature.subarray(integerBytes)),
  );
  return concatBytes(Uint8Array.of(0x30, body.length), body);
}

/**
 * ASN.1 DER as `r ‖ s`, 64 bytes. Only the one encoding that DER allows is taken: no long-form lengths,
 * no padding zeros, no negative numbers, nothing behind.
 * @throws LinchpinError `signature_invalid`
 */
export function signatureFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der[1] > 70) throw notDer();
  const r = readInteger(der, 2);
  const s = readInteger(der, r.end);
  if (s.end !== der.length) throw notDer();
  return concatBytes(r.magnitude, s.magnitude);
}

function derInteger(magnitude: Uint8Array): Uint8Array {
  let digits = magnitude;
  while (digits.length > 1 && digits[0] === 0) digits = digits.subarray(1);
  if ((digits[0] as number) >= 0x80) digits = concatBytes(Uint8Array.of(0), digits);
  return concatBytes(Uint8Array.of(0x02, digits.length), digits);
}

function readInteger(der: Uint8Array, start: number): { magnitude: Uint8Array; end: number } {
  const length = der[start + 1] ?? 0;
  const end = start + 2 + length;
  const [first = 0, second = 0] = der.subarray(start + 2, end);
  const isNegative = first >= 0x80;
  const isPadded = length > 1 && first === 0 && second < 0x80;
  const digits = der.subarray(start + (first === 0 ? 3 : 2), end);
  if (der[start] !== 0x02 || length === 0 || end > der.length || isNegative || isPadded || digits.length > integerBytes)
    throw notDer();
  return { magnitude: concatBytes(new Uint8Array(integerBytes - digits.length), digits), end };
}

function notDer(): LinchpinError {
  return new LinchpinError("signature_invalid", { reason: "not minimal ASN.1 DER of a P-256 signature" });
}
