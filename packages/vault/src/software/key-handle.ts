import type { KeyObject } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import { openAesGcm, sealAesGcm } from "../aes-gcm.ts";
import type { VaultKey } from "../vault.ts";

/**
 * Makes the handle of a key in the software vault: `01 ‖ iv (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM under the master
 * key. `secret` is PKCS#8 DER, or the 32 raw bytes of a symmetric key.
 */
export function sealKeyHandle(
  masterKey: KeyObject,
  key: Omit<VaultKey, "handle">,
  iv: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  return Buffer.concat([Uint8Array.of(version), sealAesGcm(masterKey, iv, secret, associatedDataOf(key))]);
}

/**
 * Decrypts the secret in a handle. The caller wipes it.
 *
 * @throws LinchpinError `settings_invalid`: another master key sealed the handle, or it belongs to another id or
 *   algorithm
 */
export function openKeyHandle(masterKey: KeyObject, key: VaultKey): Buffer {
  const secret =
    key.handle[0] === version ? openAesGcm(masterKey, key.handle.subarray(1), associatedDataOf(key)) : null;
  if (secret === null)
    throw new LinchpinError("settings_invalid", {
      reason: "master key does not fit the stored key: another one sealed it, or its record was altered",
    });
  return secret;
}

/** Associated data that binds a handle to its id and algorithm: whoever can write to the database cannot swap keys. */
function associatedDataOf({ id, algorithm }: Omit<VaultKey, "handle">): Uint8Array {
  return Buffer.from(`linchpin key handle\0${version}\0${algorithm}\0${id}`);
}

const version = 1;
