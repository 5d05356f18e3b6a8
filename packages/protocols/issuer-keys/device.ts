import {
  jwkThumbprint,
  LinchpinError,
  type P256Jwk,
  type Primitives,
  parseJws,
  pointFromP256Jwk,
  type RsaPublicKey,
  rsaJwkFromKey,
  verifyJws,
} from "@linchpin/core";
import { type Manifest, type ManifestKey, manifestMaxLength, manifestTyp } from "./wire.ts";

/** A key as the relay handed it on: whoever lies can put a key of their own here. Only a manifest changes that. */
export type Unauthenticated<Key> = Key;

export type ManifestPrimitives = Pick<Primitives, "sha256" | "verifyEcdsa">;

/** What a device knows beforehand. None of it may come by the relay. */
export interface RootPins {
  /** The issuer's origin, as its manifests name it: `https://issuer.example`. */
  readonly issuer: string;
  /** The roots' public keys, one or more: a next root is pinned before the issuer changes to it. */
  readonly roots: readonly P256Jwk[];
}

/**
 * Verifies a manifest, whoever handed it on.
 * @param lowestSeq the highest `seq` that the device has seen
 * @throws LinchpinError `manifest_refused`: no pinned root signed it, it is another issuer's, or an earlier one than this
 *   device has seen
 */
export async function acceptManifest(
  primitives: ManifestPrimitives,
  compact: unknown,
  { issuer, roots, lowestSeq }: RootPins & { lowestSeq: number },
): Promise<Manifest> {
  try {
    const jws = parseJws(compact, { typ: manifestTyp, maxLength: manifestMaxLength });
    const { iss, sub, iat, exp, seq, keys } = await verifyJws(
      primitives,
      jws,
      await findRoot(primitives, roots, jws.kid),
    );
    const isWellFormed = [iat, exp, seq].every(Number.isSafeInteger) && Array.isArray(keys);
    if (!(isWellFormed && iss === issuer && sub === issuer)) throw refused("iss");
    if ((seq as number) < lowestSeq) throw refused("seq");
    return { iss, sub, iat, exp, seq, keys } as Manifest;
  } catch (cause) {
    throw cause instanceof LinchpinError && cause.code === "manifest_refused" ? cause : refused("kid", cause);
  }
}

/** The key that a manifest must list. */
export interface KeyClaim {
  readonly purpose: string;
  /** JOSE's, as the protocol has it, whatever the key says of itself. */
  readonly alg: string;
}

/**
 * The key of this id, purpose and algorithm. A native key's id is its thumbprint.
 * @param nowSeconds the later of the device's clock and any time that the issuer has proved
 * @throws LinchpinError `manifest_expired`; `issuer_key_unvouched`: the manifest does not list it, or not for now
 */
export function findListedKey(
  { exp, keys }: Pick<Manifest, "exp" | "keys">,
  { kid, ...claim }: KeyClaim & { kid: string },
  nowSeconds: number,
): ManifestKey {
  if (!(nowSeconds < exp)) throw new LinchpinError("manifest_expired");
  const key = keys.find((listed) => listed?.kid === kid && isListedFor(listed, claim, nowSeconds));
  if (key === undefined) throw new LinchpinError("issuer_key_unvouched");
  return key;
}

/**
 * Checks a vendor's RSA key, as its protocol handed it on: strong enough, and listed by thumbprint for this purpose and
 * algorithm now. One check for every protocol.
 * @throws LinchpinError `public_key_unusable`: a weak key; `manifest_expired`; `issuer_key_unvouched`
 */
export async function checkListedRsaKey(
  primitives: Pick<Primitives, "sha256">,
  { exp, keys }: Pick<Manifest, "exp" | "keys">,
  { key, ...claim }: KeyClaim & { key: RsaPublicKey },
  nowSeconds: number,
): Promise<void> {
  if (!(nowSeconds < exp)) throw new LinchpinError("manifest_expired");
  const thumbprint = await jwkThumbprint(primitives, rsaJwkFromKey(key));
  for (const listed of keys)
    if (listed?.kty === "RSA" && isListedFor(listed, claim, nowSeconds))
      if ((await jwkThumbprint(primitives, listed)) === thumbprint) return;
  throw new LinchpinError("issuer_key_unvouched");
}

function isListedFor({ purpose, alg, nbf, exp }: ManifestKey, claim: KeyClaim, nowSeconds: number): boolean {
  return purpose === claim.purpose && alg === claim.alg && nbf <= nowSeconds && nowSeconds < exp;
}

async function findRoot(
  primitives: Pick<Primitives, "sha256">,
  roots: readonly P256Jwk[],
  kid: string,
): Promise<Uint8Array> {
  for (const root of roots) if ((await jwkThumbprint(primitives, root)) === kid) return pointFromP256Jwk(root);
  throw refused("kid");
}

/** `field`: `kid` where no pinned root signed it, `iss` where it is another issuer's or malformed, `seq` where it is old. */
function refused(field: string, cause?: unknown): LinchpinError {
  return new LinchpinError("manifest_refused", { field, cause });
}
