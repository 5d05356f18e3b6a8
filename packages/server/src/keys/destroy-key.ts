import type { Caller, Context } from "../context/index.ts";
import type { ProtectedCounts } from "./protected-counts.ts";
import { endKey } from "./retire-key.ts";

/**
 * Destroys a retired key for good; its record stays, without the handle. Null when that is done; else what still needs
 * the key. Once more for one whose vault could not be reached meanwhile.
 * @throws LinchpinError `not_found`: no such key; `conflict`: it is not retired, or not yet for a minute
 */
export function destroyKey(context: Context, caller: Caller, keyId: string): Promise<ProtectedCounts | null> {
  return endKey(context, caller, { operation: "issuer.key.destroy", keyId }, () =>
    context.keyring.destroy(keyId, { caller }),
  );
}
