import type { KeyObject } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import { openAesGcm, sealAesGcm } from "../aes-gcm.ts";
import type { VaultKey } from "../vault.ts";

/**
 * Software vault's handle of a key: `01 ‖ iv (12) ‖ ciphertext ‖ tag (16)`, AES-256-GCM under the master key.
 * `secret` is PKCS#8 DER, or the 32 raw bytes of a symmetric key.
 */
export function sealKeyHandle(
  masterKey: KeyObject,
  key: Omit<VaultKey, "handle">,
  iv: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  return Buffer.concat([Uint8Array.of(version), sealAesGcm(masterKey, iv, secret, boundTo(key))]);
}

/**
 * The secret inside a handle; the caller wipes it.
 *
 * @throws LinchpinError `settings_invalid`: sealed by another master key, or not the handle of this id and algorithm.
 */
export function openKeyHandle(masterKey: KeyObject, key: VaultKey): Buffer {
  const secret = key.handle[0] === version ? openAesGcm(masterKey, key.handle.subarray(1), boundTo(key)) : null;
  if (secret === null)
    throw new LinchpinError("settings_invalid", {
      reason: "master key does not fit the stored key: another one sealed it, or its record was altered",
    });
  return secret;
}

/** Binds a handle to its id and algorithm, so that whoever can write to the store can not exchange keys. */
function boundTo({ id, algorithm }: Omit<VaultKey, "handle">): Uint8Array {
  return Buffer.from(`linchpin key handle\0${version}\0${algorithm}\0${id}`);
}

const version = 1;
