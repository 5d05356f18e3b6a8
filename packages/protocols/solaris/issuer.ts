import {
  bytesFromHex,
  type Jwe,
  jweContentKeyBytes,
  LinchpinError,
  openJwe,
  type Pin,
  type Primitives,
  parseJwe,
  signatureFromDer,
  utf8,
} from "@linchpin/core";
import { readPinPlaintext } from "./pin-plaintext.ts";
import type { PinKey, ScaPinUpdateRequest } from "./wire.ts";

/** A sealed PIN, taken apart but not opened. */
export interface SealedPin {
  readonly keyId: string;
  /** SHA-256 of the compact JWE: what is spent. Its base64url is canonical, so one JWE has one mark. */
  readonly mark: Uint8Array;
  readonly jwe: Jwe;
}

/**
 * @throws LinchpinError `jwe_malformed`; `key_mismatch` when the request's key_id is not the JWE's kid
 */
export async function parseSealedPin(primitives: Primitives, request: ScaPinUpdateRequest): Promise<SealedPin> {
  const jwe = parseJwe(request.encrypted_pin);
  if (jwe.kid !== request.key_id) throw new LinchpinError("key_mismatch", { field: "key_id" });
  return { keyId: jwe.kid, mark: await markOf(primitives, request.encrypted_pin), jwe };
}

/** What a sealed PIN is spent by. */
export function markOf(primitives: Primitives, encryptedPin: string): Promise<Uint8Array> {
  return primitives.sha256(utf8(encryptedPin));
}

/** Asks the house for the private-key operation: 64 bytes come back whatever was sent. */
export type UnwrapContentKey = (keyId: string, wrappedKey: Uint8Array, lengthBytes: number) => Promise<Uint8Array>;

/** @throws LinchpinError `decryption_failed`, whatever was wrong */
export async function openSealedPin(primitives: Primitives, sealed: SealedPin, unwrap: UnwrapContentKey): Promise<Pin> {
  const contentKey = await unwrap(sealed.keyId, sealed.jwe.wrappedKey, jweContentKeyBytes);
  try {
    return readPinPlaintext(await openJwe(primitives, sealed.jwe, contentKey));
  } finally {
    contentKey.fill(0);
  }
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
