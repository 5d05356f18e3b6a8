import type { KeyRecord } from "@linchpin/vault";
import { auditDone } from "../audit.ts";
import type { Caller, House } from "../house.ts";
import { auditingRefusal } from "../pin-operation.ts";

/**
 * Makes the next version of a purpose's key; the one before is accepted until its overlap ends.
 * @throws LinchpinError `not_found`: no such purpose; `conflict`: another server rotated it at the same moment
 */
export async function rotateKey(house: House, caller: Caller, purpose: string): Promise<KeyRecord> {
  const facts = { operation: "issuer.key.rotate", caller, purpose };
  return auditingRefusal(house, { id: "keys" }, facts, async () => {
    const key = await house.keyring.rotate(purpose);
    const made = { ...facts, keyId: key.id, version: key.version };
    await house.store.appendAuditEvent(auditDone(house, { id: "keys" }, made));
    return key;
  });
}
