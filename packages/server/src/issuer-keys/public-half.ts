import { LinchpinError } from "@linchpin/core";
import type { KeyRecord } from "@linchpin/vault";

/** @throws LinchpinError `internal`: the key is a symmetric one */
export function spkiOf({ publicKeySpki }: KeyRecord): Uint8Array {
  if (publicKeySpki === null) throw new LinchpinError("internal", { reason: "a listed key has no public half" });
  return publicKeySpki;
}

/** Of a P-256 key: `04 ‖ X ‖ Y`, 65 bytes. @throws LinchpinError as `spkiOf` */
export function pointOf(key: KeyRecord): Uint8Array {
  return spkiOf(key).subarray(-65);
}
