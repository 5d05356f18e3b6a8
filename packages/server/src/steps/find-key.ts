import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../context/index.ts";

/** The key of this purpose and id, if it is accepted now. @throws LinchpinError `key_unknown`, `key_expired` */
export function findKey(context: Context, purpose: string, keyId: string): Promise<KeyRecord> {
  return context.keyring.find(purpose, keyId);
}
