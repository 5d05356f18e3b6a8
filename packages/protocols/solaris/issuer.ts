import { bytesFromHex, LinchpinError, type Primitives, signatureFromDer, utf8 } from "@linchpin/core";
import type { PinKey } from "./wire.ts";

export { writeStringToSign } from "./string-to-sign.ts";

/** What a sandbox adds to the issuer's half. */
export interface SolarisSandbox {
  /** The TAN of a change request that is authorized by `static`. */
  readonly staticTan: string;
  /** The program of the cards that partners order where the operator has named none. */
  readonly orderedCardsProgramId: string;
}

/**
 * Checks a device's signature over the bytes as received: hex of ASN.1 DER, ECDSA P-256, SHA-256, hashed once.
 * @throws LinchpinError `signature_invalid`
 */
export async function checkDeviceSignature(
  primitives: Primitives,
  signed: { publicPoint: Uint8Array; text: string; signatureHex: string },
): Promise<void> {
  const signature = parseSignature(signed.signatureHex);
  if (!(await primitives.verifyEcdsa(signed.publicPoint, utf8(signed.text), signature)))
    throw signatureInvalid("not made by the key over these bytes");
}

/**
 * A device's public key from hex of `04 ‖ X ‖ Y`: 65 bytes, on the curve.
 * @throws LinchpinError `public_key_unusable`
 */
export async function parseDevicePublicKey(primitives: Primitives, keyHex: string): Promise<Uint8Array> {
  try {
    const publicPoint = bytesFromHex(keyHex);
    if (await primitives.isP256Point(publicPoint)) return publicPoint;
  } catch {
    // as for any other text that is no key
  }
  throw new LinchpinError("public_key_unusable", { field: "key" });
}

/** The key as Solaris publishes it, from a JWK's `n` and `e`. */
export function pinKeyOf(kid: string, { n, e }: { n: string; e: string }): PinKey {
  return { kid, kty: "RSA", use: "enc", alg: "RS256", n, e };
}

function parseSignature(signatureHex: string): Uint8Array {
  try {
    return signatureFromDer(bytesFromHex(signatureHex));
  } catch {
    throw signatureInvalid("not hex of minimal ASN.1 DER");
  }
}

function signatureInvalid(reason: string): LinchpinError {
  return new LinchpinError("signature_invalid", { field: "signature", reason });
}
