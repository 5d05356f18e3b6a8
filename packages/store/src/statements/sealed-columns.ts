import type { Sealed } from "../records.ts";

/** The `Sealed` of a pair of columns. Null when they are null. */
export function sealedOf(keyId: string, bytes: Uint8Array): Sealed;
export function sealedOf(keyId: string | null, bytes: Uint8Array | null): Sealed | null;
export function sealedOf(keyId: string | null, bytes: Uint8Array | null): Sealed | null {
  return keyId === null || bytes === null ? null : { keyId, bytes };
}
