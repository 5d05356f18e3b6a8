import { LinchpinError } from "@linchpin/core";
import type { KeyAlgorithm, VaultKey } from "../vault.ts";

/** What a key is called in the token. The algorithm is part of it, so that a key never serves another one. */
export function keyLabel({ id, algorithm }: Omit<VaultKey, "handle">): string {
  return `linchpin ${algorithm} ${id}`;
}

/** CKA_ID of a key and of its public half. */
export function keyObjectId({ id }: Pick<VaultKey, "id">): Buffer {
  return Buffer.from(id);
}

/** A handle: the key's name as RFC 7512 writes it, without the token, which may be moved to another one. */
export function keyHandle(key: Omit<VaultKey, "handle">): Uint8Array {
  const type = isSymmetric(key.algorithm) ? "secret-key" : "private";
  return Buffer.from(`pkcs11:object=${encodeURIComponent(keyLabel(key))};type=${type}`);
}

/** @throws LinchpinError `settings_invalid`: another vault made this handle, or it is of another id or algorithm. */
export function checkKeyHandle(key: VaultKey): void {
  if (Buffer.compare(key.handle, keyHandle(key)) === 0) return;
  throw new LinchpinError("settings_invalid", {
    reason: "the vault does not fit the stored key: another vault made it, or its record was altered",
  });
}

export function isSymmetric(algorithm: KeyAlgorithm): boolean {
  return algorithm === "A256GCM" || algorithm === "HS256";
}
