import type { Caller, Context } from "../context/index.ts";
import type { ProtectedCounts } from "./protected-counts.ts";
import { endKey } from "./retire-key.ts";

/**
 * Destroys a retired key in its vault; its record stays, without the handle. Returns null when the key is destroyed, else
 * the numbers of stored values that still need it. Can be repeated where the vault could not be reached.
 * @throws LinchpinError `not_found`: no such key; `conflict`: it is not retired, or not yet for a minute
 */
export function destroyKey(context: Context, caller: Caller, keyId: string): Promise<ProtectedCounts | null> {
  return endKey(context, caller, { operation: "issuer.key.destroy", keyId }, () =>
    context.keyring.destroy(keyId, { caller }),
  );
}
