import type { ProtectedByKey } from "@linchpin/store";
import type { Caller, House } from "../context/context.ts";
import { endKey } from "./retire-key.ts";

/**
 * Destroys a retired key for good; its record stays, without the handle. Null when that is done; else what still needs
 * the key. Once more for one whose vault could not be reached meanwhile.
 * @throws LinchpinError `not_found`: no such key; `conflict`: it is not retired, or not yet for a minute
 */
export function destroyKey(house: House, caller: Caller, keyId: string): Promise<ProtectedByKey | null> {
  return endKey(house, caller, { operation: "issuer.key.destroy", keyId }, () =>
    house.keyring.destroy(keyId, { caller }),
  );
}
