import { base64urlFromBytes, bytesFromBase64url, bytesFromHex, bytesFromOctets } from "#encoding";
import { concatBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives, RsaJwk, RsaPublicKey } from "../primitives.ts";
import { readRsaPublicKey } from "../rsa/rsa-public-key.ts";

// RFC 7517 and RFC 7518 §6.2.1: public keys on P-256. RFC 7638: their thumbprints, and those of RSA keys.

export interface P256Jwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  /** base64url, 32 bytes each. */
  readonly x: string;
  readonly y: string;
}

/** Of an RSA key that is fit to seal to. @throws LinchpinError `public_key_unusable`, as `readRsaPublicKey` */
export function rsaJwkFromKey(key: RsaPublicKey): RsaJwk {
  const { modulus, exponent } = readRsaPublicKey(key);
  return { kty: "RSA", n: base64urlUint(modulus), e: base64urlUint(exponent) };
}

/** Of the uncompressed point `04 ‖ X ‖ Y`. */
export function p256JwkFromPoint(point: Uint8Array): P256Jwk {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64urlFromBytes) as [string, string];
  return { kty: "EC", crv: "P-256", x, y };
}

/** The uncompressed point `04 ‖ X ‖ Y`, 65 bytes, of a well-formed JWK. Whether it lies on the curve shows when it is used. */
export function pointOfP256Jwk({ x, y }: P256Jwk): Uint8Array<ArrayBuffer> {
  return concatBytes(Uint8Array.of(4), bytesFromBase64url(x), bytesFromBase64url(y));
}

/**
 * `pointOfP256Jwk` of anything that is said to be one.
 * @throws LinchpinError `public_key_unusable`: other types and curves, coordinates that are not canonical base64url of 32
 *   bytes, private keys
 */
export function pointFromP256Jwk(jwk: unknown): Uint8Array<ArrayBuffer> {
  const { kty, crv, x, y, d } = Object(jwk) as Record<string, unknown>;
  if (kty === "EC" && crv === "P-256" && d === undefined && isCoordinate(x) && isCoordinate(y))
    try {
      return pointOfP256Jwk({ kty, crv, x, y });
    } catch {
      // as any other
    }
  throw new LinchpinError("public_key_unusable", { reason: "not a public JWK on P-256" });
}

/** RFC 7638 with SHA-256, base64url, 43 characters. `jwk` is well-formed. */
export async function jwkThumbprint(primitives: Pick<Primitives, "sha256">, jwk: P256Jwk | RsaJwk): Promise<string> {
  // Those of both types by code point, RFC 7638 §3: JSON takes the members that are named, in this order, and no others.
  const required = ["crv", "e", "kty", "n", "x", "y"];
  return base64urlFromBytes(await primitives.sha256(bytesFromOctets(JSON.stringify(jwk, required))));
}

function base64urlUint(value: bigint): string {
  const hex = value.toString(16);
  return base64urlFromBytes(bytesFromHex(hex.length % 2 === 0 ? hex : `0${hex}`));
}

function isCoordinate(text: unknown): text is string {
  return typeof text === "string" && text.length === 43;
}
