import type { KeyRecord } from "@linchpin/vault";
import { claimedName } from "../audit/audit-entry.ts";
import type { Caller, House } from "../context/context.ts";
import { auditingRefusal } from "../pin/pin-operation.ts";

/**
 * Makes the next version of a purpose's key, which is pending until the next rotation; one that is pending is it.
 * @throws LinchpinError `not_found`: no such purpose; `conflict`: another server made one at the same moment
 */
export function makeKey(house: House, caller: Caller, purpose: string): Promise<KeyRecord> {
  const facts = { operation: "issuer.key.make", caller, purpose: claimedName(purpose) };
  return auditingRefusal(house, { id: "keys" }, facts, () => house.keyring.make(purpose, { caller }));
}
