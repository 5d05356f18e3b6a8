import {
  jwkThumbprint,
  type P256Jwk,
  type Primitives,
  p256JwkFromPoint,
  type RsaJwk,
  rsaJwkFromKey,
  signJws,
} from "@linchpin/core";
import { type Manifest, type ManifestKey, manifestTyp } from "./wire.ts";

/** The purpose of the keys that sign manifests. */
export const rootPurpose = "native-root";

/** Whether the purpose's keys are named by their thumbprints: roots, and the keys of the native protocol. */
export function isNamedByThumbprint(purpose: string): boolean {
  return purpose.startsWith("native-");
}

/** A key of the issuer's, as a manifest lists it. */
export interface KeyToList {
  readonly id: string;
  readonly purpose: string;
  /** JOSE's. */
  readonly alg: string;
  readonly use: "enc" | "sig";
  readonly spki: Uint8Array;
  readonly from: Date;
  /** Null: no end is known. */
  readonly until: Date | null;
}

/** A key whose end is not known ends with the manifest. */
export async function listKey(
  primitives: Pick<Primitives, "sha256">,
  { id, purpose, alg, use, spki, from, until }: KeyToList,
  manifestExp: number,
): Promise<ManifestKey> {
  const jwk = jwkOf(spki);
  return {
    kid: isNamedByThumbprint(purpose) ? await jwkThumbprint(primitives, jwk) : id,
    ...jwk,
    alg,
    use,
    purpose,
    nbf: Math.floor(from.getTime() / 1000),
    exp: until === null ? manifestExp : Math.floor(until.getTime() / 1000),
  };
}

/** `sign` is the root's; `rootKid` its thumbprint. */
export function signManifest(
  manifest: Manifest,
  rootKid: string,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  return signJws({ typ: manifestTyp, kid: rootKid, payload: manifest }, sign);
}

/** An SPKI of 91 bytes is one of P-256; any other is RSA's. */
function jwkOf(spki: Uint8Array): P256Jwk | RsaJwk {
  return spki.length === 91 ? p256JwkFromPoint(spki.subarray(26)) : rsaJwkFromKey({ spki });
}
