import type { KeyRecord } from "@linchpin/vault";
import { auditFacts, auditingRefusal, claimedName, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";

/**
 * Makes the pending key of a purpose current, or a new one where none is pending. The version before is accepted until
 * its grace period ends. With several servers the rotation takes a second longer, until all of them know the key.
 * @throws LinchpinError `not_found`: no such purpose; `conflict`: another server rotated it at the same moment
 */
export function rotateKey(context: Context, caller: Caller, purpose: string): Promise<KeyRecord> {
  const facts = auditFacts(issuerAudit["issuer.key.rotate"], caller, { purpose: claimedName(purpose) });
  return auditingRefusal(context, { id: "keys" }, facts, () => context.keyring.rotate(purpose, { caller }));
}
