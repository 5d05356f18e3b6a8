import { createPrivateKey, createPublicKey, createSecretKey, randomBytes } from "node:crypto";
import { sealKeyHandle } from "../src/key-handle.ts";
import type { KeyAlgorithm, VaultKey } from "../src/vault.ts";

/** A key of the test's own, sealed as `SoftwareVault` seals those it makes. `secret`: PKCS#8 DER, or 32 raw bytes. */
export function placeSoftwareKey(
  masterKey: Uint8Array,
  id: string,
  algorithm: KeyAlgorithm,
  secret: Uint8Array,
): VaultKey {
  const handle = sealKeyHandle(createSecretKey(masterKey), { id, algorithm }, randomBytes(12), secret);
  return { id, algorithm, handle };
}

/** SPKI DER of a private key in PKCS#8 DER. */
export function publicKeyOf(pkcs8: Uint8Array): Uint8Array {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return createPublicKey(privateKey).export({ format: "der", type: "spki" });
}
