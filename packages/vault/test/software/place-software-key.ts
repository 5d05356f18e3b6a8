import { createSecretKey, randomBytes } from "node:crypto";
import { sealKeyHandle } from "../../src/software/key-handle.ts";
import type { KeyAlgorithm, VaultKey } from "../../src/vault.ts";

/** A key that a test made, sealed as `SoftwareVault` seals its keys. `secret` is PKCS#8 DER, or 32 raw bytes. */
export function placeSoftwareKey(
  masterKey: Uint8Array,
  id: string,
  algorithm: KeyAlgorithm,
  secret: Uint8Array,
): VaultKey {
  const handle = sealKeyHandle(createSecretKey(masterKey), { id, algorithm }, randomBytes(12), secret);
  return { id, algorithm, handle };
}
