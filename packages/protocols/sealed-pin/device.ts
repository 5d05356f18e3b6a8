import { encodePinJson, type JwePrimitives, type Pin, type RsaPublicKey, sealJwe } from "@linchpin/core";
import { sealedPinKeyPurpose, sealedPinProfile } from "./profile.ts";
import type { SealedPinRequest } from "./wire.ts";

/** How a manifest lists the key that PINs are sealed to. */
export const sealedPinKey = { purpose: sealedPinKeyPurpose, alg: sealedPinProfile.header.alg } as const;

/**
 * Seals a PIN to the issuer's key. Sealing again gives another JWE: each is accepted once.
 * @throws LinchpinError `public_key_unusable`
 */
export async function makeSealedPinRequest(
  primitives: JwePrimitives,
  { pin, issuerKey }: { pin: Pin; issuerKey: { readonly kid: string; readonly key: RsaPublicKey } },
): Promise<SealedPinRequest> {
  const plaintext = encodePinJson(pin);
  try {
    return { encrypted_pin: await sealJwe(primitives, sealedPinProfile, issuerKey, plaintext), key_id: issuerKey.kid };
  } finally {
    plaintext.fill(0);
  }
}
