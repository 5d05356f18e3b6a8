import { type JwePrimitives, LinchpinError, type Pin, type RsaPublicKey, rsaKeyFromPem, sealJwe } from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { stripeKeyPurpose } from "./key-purpose.ts";
import { stripePinProfile } from "./profile.ts";

/** A key of the issuer's that was accepted. */
export interface IssuerKey {
  readonly kid: string;
  readonly key: RsaPublicKey;
}

/** How a manifest lists the key. */
export const stripePinKey = { purpose: stripeKeyPurpose, alg: stripePinProfile.header.alg } as const;

/**
 * Checks the answer of `GET /v1/keys`, as it reaches the device through the relay: its `jwk`, or where there is none its
 * `pkcs8`. It is taken for RSA-OAEP with SHA-1 whatever its `alg` says. That it is the issuer's is said by a manifest
 * alone (`stripePinKey`).
 * @throws LinchpinError `public_key_unusable` when it is no RSA public key with an id
 */
export function acceptIssuerKey(reply: unknown): Unauthenticated<IssuerKey> {
  const { key_id: kid, jwk, pkcs8 } = Object(reply) as Record<string, unknown>;
  if (typeof kid !== "string" || kid === "") throw unusable();
  return { kid, key: jwk === undefined ? rsaKeyFromPem(pkcs8) : readJwk(jwk) };
}

/**
 * Seals a PIN: a compact JWE over its ASCII digits and nothing else, for `pin[encrypted_number]`. Sealing again gives
 * another JWE: each is accepted once.
 * @throws LinchpinError `public_key_unusable`, also for a modulus of less than 2048 bits
 */
export function sealPin(
  primitives: JwePrimitives,
  { pin, issuerKey }: { pin: Pin; issuerKey: IssuerKey },
): Promise<string> {
  return sealJwe(primitives, stripePinProfile, issuerKey, pin.asciiDigits());
}

function readJwk(jwk: unknown): RsaPublicKey {
  const { kty, n, e, d } = Object(jwk) as Record<string, unknown>;
  if (kty !== "RSA" || typeof n !== "string" || typeof e !== "string" || d !== undefined) throw unusable();
  return { n, e };
}

function unusable(): LinchpinError {
  return new LinchpinError("public_key_unusable", { reason: "not an RSA public key with a key id" });
}
