import type { KeyRecord } from "@linchpin/vault";
import { auditFacts, auditingRefusal, claimedName, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";

/**
 * Makes the pending key of a purpose current, or a new one where none is pending; the one before is accepted until its
 * overlap ends. Where several servers run it waits for a second, until all of them know the key.
 * @throws LinchpinError `not_found`: no such purpose; `conflict`: another server rotated it at the same moment
 */
export function rotateKey(context: Context, caller: Caller, purpose: string): Promise<KeyRecord> {
  const facts = auditFacts(issuerAudit["issuer.key.rotate"], caller, { purpose: claimedName(purpose) });
  return auditingRefusal(context, { id: "keys" }, facts, () => context.keyring.rotate(purpose, { caller }));
}
