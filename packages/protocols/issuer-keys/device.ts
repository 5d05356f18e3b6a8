import {
  jwkThumbprint,
  LinchpinError,
  type P256Jwk,
  type Primitives,
  parseJws,
  pointOfP256Jwk,
  type RsaPublicKey,
  verifyJws,
} from "@linchpin/core";
import { type Manifest, type ManifestKey, manifestMaxLength, manifestTyp } from "./wire.ts";

/** A key as the relay handed it on: whoever lies can put a key of their own here. Only a manifest changes that. */
export type Unauthenticated<Key> = Key;

/** What a manifest is verified with. */
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
  const { iss, sub, iat, exp, seq, keys } = await verifyByRoot(primitives, compact, roots).catch((cause) => {
    throw new LinchpinError("manifest_refused", { field: "kid", cause });
  });
  const isWellFormed = [iat, exp, seq].every(Number.isSafeInteger) && Array.isArray(keys);
  if (!(isWellFormed && iss === issuer && sub === issuer))
    throw new LinchpinError("manifest_refused", { field: "iss" });
  if ((seq as number) < lowestSeq) throw new LinchpinError("manifest_refused", { field: "seq" });
  return { iss, sub, iat, exp, seq, keys } as Manifest;
}

async function verifyByRoot(primitives: ManifestPrimitives, compact: unknown, roots: readonly P256Jwk[]) {
  const jws = parseJws(compact, { typ: manifestTyp, maxLength: manifestMaxLength });
  for (const root of roots)
    if ((await jwkThumbprint(primitives, root)) === jws.kid) return verifyJws(primitives, jws, pointOfP256Jwk(root));
  throw new LinchpinError("issuer_key_unvouched");
}

/** The key that a manifest must list. */
export interface KeyClaim {
  readonly purpose: string;
  /** JOSE's, as the protocol has it, whatever the key says of itself. */
  readonly alg: string;
}

/** What a key that is looked for has beside: its id, or its numbers. */
type KeyMembers = KeyClaim & Readonly<Record<string, string>>;

/** The key of these members, at whatever time. @throws LinchpinError `issuer_key_unvouched`: the manifest does not list it */
export function findKey({ keys }: Pick<Manifest, "keys">, members: KeyMembers): ManifestKey {
  const key = keys.find((listed) => hasMembers(listed, members));
  if (!key) throw new LinchpinError("issuer_key_unvouched");
  return key;
}

/**
 * The key of these members.
 * @param nowSeconds the later of the device's clock and any time that the issuer has proved
 * @throws LinchpinError `manifest_expired`; `issuer_key_unvouched`: the manifest does not list it, or not for now
 */
export function findListedKey(
  manifest: Pick<Manifest, "exp" | "keys">,
  members: KeyMembers,
  nowSeconds: number,
): ManifestKey {
  if (!(nowSeconds < manifest.exp)) throw new LinchpinError("manifest_expired");
  const key = findKey(manifest, members);
  if (!(key.nbf <= nowSeconds && nowSeconds < key.exp)) throw new LinchpinError("issuer_key_unvouched");
  return key;
}

/**
 * Checks a vendor's RSA key, as its protocol handed it on: strong enough, and listed by its numbers for this purpose and
 * algorithm now, which is not before the manifest was made: a clock that is behind finds its keys. One check for every
 * protocol.
 * @throws LinchpinError `public_key_unusable`: a weak key; `manifest_expired`; `issuer_key_unvouched`
 */
export async function checkListedRsaKey(
  primitives: Pick<Primitives, "rsaJwk">,
  manifest: Pick<Manifest, "iat" | "exp" | "keys">,
  { key, ...claim }: KeyClaim & { key: RsaPublicKey },
  clockSeconds: number,
): Promise<void> {
  findListedKey(manifest, { ...claim, ...(await primitives.rsaJwk(key)) }, Math.max(clockSeconds, manifest.iat));
}

/** Whether what was signed says all of this. */
export function hasMembers(signed: object | null | undefined, expected: object): boolean {
  return Object.entries(expected).every(([name, value]) => (signed as Record<string, unknown>)?.[name] === value);
}
