import type { House } from "../context/context.ts";

/** The key id names a key of this purpose that is accepted now. @throws LinchpinError `key_unknown`, `key_expired` */
export async function findKey(house: House, purpose: string, keyId: string): Promise<void> {
  await house.keyring.find(purpose, keyId);
}
