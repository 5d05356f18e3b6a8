import {
  decodePinJson,
  type Jwe,
  LinchpinError,
  openJwe,
  type Pin,
  type Primitives,
  parseJwe,
  utf8,
} from "@linchpin/core";
import { sealedPinProfile } from "./profile.ts";
import type { SealedPinRequest } from "./wire.ts";

export { sealedPinProfile };

/** A sealed PIN, taken apart but not opened. */
export interface SealedPin {
  readonly keyId: string;
  /** SHA-256 of the compact JWE. Its base64url is canonical, so one JWE has one replay mark. */
  readonly mark: Uint8Array;
  readonly jwe: Jwe;
}

/**
 * @param mark the request's replay mark, from a caller who has computed it already; otherwise it is computed here
 * @throws LinchpinError `jwe_malformed`; `key_mismatch` when the request's key_id is not the JWE's kid
 */
export async function parseSealedPin(
  primitives: Primitives,
  request: SealedPinRequest,
  mark?: Uint8Array,
): Promise<SealedPin> {
  const jwe = parseJwe(sealedPinProfile, request.encrypted_pin);
  if (jwe.kid !== request.key_id) throw new LinchpinError("key_mismatch", { field: "key_id" });
  return { keyId: jwe.kid, mark: mark ?? (await markOf(primitives, request.encrypted_pin)), jwe };
}

/** The replay mark of a sealed PIN. */
export function markOf(primitives: Primitives, encryptedPin: string): Promise<Uint8Array> {
  return primitives.sha256(utf8(encryptedPin));
}

/** Asks the issuer's keyring for the private-key operation: `lengthBytes` bytes come back whatever was sent. */
export type UnwrapContentKey = (keyId: string, wrappedKey: Uint8Array, lengthBytes: number) => Promise<Uint8Array>;

/** @throws LinchpinError `decryption_failed`, whatever was wrong */
export async function openSealedPin(primitives: Primitives, sealed: SealedPin, unwrap: UnwrapContentKey): Promise<Pin> {
  const contentKey = await unwrap(sealed.keyId, sealed.jwe.wrappedKey, sealedPinProfile.contentKeyBytes);
  try {
    return decodePinJson(await openJwe(primitives, sealedPinProfile, sealed.jwe, contentKey));
  } finally {
    contentKey.fill(0);
  }
}
