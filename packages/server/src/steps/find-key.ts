import type { Context } from "../context/index.ts";

/** The key id names a key of this purpose that is accepted now. @throws LinchpinError `key_unknown`, `key_expired` */
export async function findKey(context: Context, purpose: string, keyId: string): Promise<void> {
  await context.keyring.find(purpose, keyId);
}
