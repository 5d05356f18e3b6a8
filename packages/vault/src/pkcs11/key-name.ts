import { LinchpinError } from "@linchpin/core";
import { isSymmetric } from "../algorithms.ts";
import type { VaultKey } from "../vault.ts";

/** CKA_LABEL of a key in the token. It contains the algorithm, so that a key is never used for another one. */
export function keyLabel({ id, algorithm }: Omit<VaultKey, "handle">): string {
  return `linchpin ${algorithm} ${id}`;
}

/** CKA_ID of a key, and of its public key. */
export function keyObjectId({ id }: Pick<VaultKey, "id">): Buffer {
  return Buffer.from(id);
}

/** A handle is the key's RFC 7512 URI. It leaves the token out, because keys may be moved to another token. */
export function keyHandle(key: Omit<VaultKey, "handle">): Uint8Array {
  const type = isSymmetric(key.algorithm) ? "secret-key" : "private";
  return Buffer.from(`pkcs11:object=${encodeURIComponent(keyLabel(key))};type=${type}`);
}

/** @throws LinchpinError `settings_invalid`: another vault made the handle, or it belongs to another id or algorithm */
export function checkKeyHandle(key: VaultKey): void {
  if (Buffer.compare(key.handle, keyHandle(key)) === 0) return;
  throw new LinchpinError("settings_invalid", {
    reason: "the vault does not fit the stored key: another vault made it, or its record was altered",
  });
}
