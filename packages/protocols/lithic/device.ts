import {
  base64FromBytes,
  type Pin,
  type Primitives,
  type RsaPublicKey,
  randomBelow,
  rsaKeyFromPem,
  rsaOaep,
} from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { lithicKeyPath, lithicKeyPurpose } from "./key-purpose.ts";
import { encodePinMessage } from "./pin-message.ts";

export { lithicKeyPath };

export type DevicePrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep">;

/** How a manifest lists the key. */
export const lithicPinKey = { purpose: lithicKeyPurpose, alg: rsaOaep.alg } as const;

/**
 * Reads the issuer's key: SPKI in PEM, as an app has it compiled in or as it came through the relay. That it is the
 * issuer's is said by a manifest alone (`lithicPinKey`).
 * @throws LinchpinError `public_key_unusable` when it is no such PEM
 */
export function acceptIssuerKey(pem: unknown): Unauthenticated<RsaPublicKey> {
  return rsaKeyFromPem(pem);
}

/**
 * Seals a PIN for the member `pin`: base64 of RSAES-OAEP with SHA-1 over `{"nonce":…,"pin":"…"}`. The nonce has 20 random
 * digits, so that the length tells nothing of it. Sealing again gives another: each is accepted once.
 * @throws LinchpinError `public_key_unusable`, also for a modulus of less than 2048 bits
 */
export async function sealPin(
  primitives: DevicePrimitives,
  { pin, issuerKey }: { pin: Pin; issuerKey: RsaPublicKey },
): Promise<string> {
  const message = encodePinMessage(drawNonce(primitives), pin);
  try {
    return base64FromBytes(await primitives.wrapRsaOaep(issuerKey, message, rsaOaep.oaep));
  } finally {
    message.fill(0);
  }
}

/** From the platform's secure random source: whoever guesses a nonce learns nothing, but two must not be the same. */
function drawNonce(random: Pick<Primitives, "randomBytes">): string {
  let nonce = `${1 + randomBelow(random, 9)}`;
  while (nonce.length < 20) nonce += randomBelow(random, 10);
  return nonce;
}
