import { type OaepHash, type RsaKeyAlgorithm, rsaProfiles } from "@linchpin/core";
import type { KeyAlgorithm } from "./vault.ts";

// What the vaults need to know of key algorithms. RSA algorithms and their paddings are the rows of core's table of
// profiles, so that a further row needs no change here.

const rsaAlgorithms = Object.keys(rsaProfiles) as RsaKeyAlgorithm[];

/** Every algorithm of keys. */
export const keyAlgorithms: readonly KeyAlgorithm[] = [...rsaAlgorithms, "A256GCM", "HS256", "ES256", "HPKE-7"];

/** The hash of every OAEP profile, once. */
export const oaepHashes: readonly OaepHash[] = [
  ...new Set(rsaAlgorithms.flatMap((algorithm) => oaepHashOf(algorithm) ?? [])),
];

export function isRsa(algorithm: KeyAlgorithm): algorithm is RsaKeyAlgorithm {
  return algorithm in rsaProfiles;
}

export function isSymmetric(algorithm: KeyAlgorithm): algorithm is "A256GCM" | "HS256" {
  return algorithm === "A256GCM" || algorithm === "HS256";
}

/** The length of the modulus that the row asks for; null: what the vault makes by default. */
export function modulusBitsOf(algorithm: RsaKeyAlgorithm): number | null {
  const profile = rsaProfiles[algorithm];
  return "modulusBits" in profile ? profile.modulusBits : null;
}

/** Whether a key decrypts messages whose length is not fixed (see `Vault.unwrap`). */
export function isOfMessages(algorithm: RsaKeyAlgorithm): boolean {
  return "isMessage" in rsaProfiles[algorithm];
}

/** The hash of an RSAES-OAEP key, which its MGF1 uses too; null for a key of RSAES-PKCS1-v1_5. */
export function oaepHashOf(algorithm: RsaKeyAlgorithm): OaepHash | null {
  return rsaProfiles[algorithm].oaep;
}
