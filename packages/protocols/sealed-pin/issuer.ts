import {
  decodePinJson,
  type Jwe,
  LinchpinError,
  openJwe,
  type Pin,
  type Primitives,
  parseJwe,
  type Unwrap,
  utf8,
  withContentKey,
} from "@linchpin/core";
import { sealedPinKeyPurpose, sealedPinProfile } from "./profile.ts";
import type { SealedPinRequest } from "./wire.ts";

export { sealedPinKeyPurpose, sealedPinProfile };

/** A sealed PIN, taken apart but not opened. */
export interface SealedPin {
  readonly keyId: string;
  /** SHA-256 of the compact JWE. Its base64url is canonical, so one JWE has one replay mark. */
  readonly mark: Uint8Array;
  readonly jwe: Jwe;
}

/**
 * @param mark the request's replay mark, from a caller who has computed it already; otherwise it is computed here
 * A JWE whose header has no kid is opened by the key that the request's key_id names.
 * @throws LinchpinError `jwe_malformed`; `key_mismatch` when the request's key_id is not the kid that the JWE has
 */
export async function parseSealedPin(
  primitives: Primitives,
  request: SealedPinRequest,
  mark?: Uint8Array,
): Promise<SealedPin> {
  const jwe = parseJwe(sealedPinProfile, request.encrypted_pin);
  if (jwe.kid !== null && jwe.kid !== request.key_id) throw new LinchpinError("key_mismatch", { field: "key_id" });
  return { keyId: request.key_id, mark: mark ?? (await markOf(primitives, request.encrypted_pin)), jwe };
}

/** The replay mark of a sealed PIN. */
export function markOf(primitives: Primitives, encryptedPin: string): Promise<Uint8Array> {
  return primitives.sha256(utf8(encryptedPin));
}

/**
 * @throws LinchpinError `pin_length` for fewer than 4 or more than 12 digits; `decryption_failed`, whatever else was wrong;
 *   what `unwrap` throws
 */
export function openSealedPin(primitives: Primitives, { jwe }: SealedPin, unwrap: Unwrap): Promise<Pin> {
  const { wrappedKey } = jwe;
  const lengthBytes = sealedPinProfile.contentKeyBytes;
  return withContentKey(unwrap, { wrappedKey, lengthBytes }, async (contentKey) =>
    decodePinJson(await openJwe(primitives, sealedPinProfile, jwe, contentKey), "pin_length"),
  );
}
