import type { KeyRecord } from "@linchpin/vault";
import { auditFacts, auditingRefusal, claimedName, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";

/**
 * Makes the next version of a purpose's key, which is pending until the next rotation. Where one is pending already, returns that one.
 * @throws LinchpinError `not_found`: no such purpose; `conflict`: another server made one at the same moment
 */
export function makeKey(context: Context, caller: Caller, purpose: string): Promise<KeyRecord> {
  const facts = auditFacts(issuerAudit["issuer.key.make"], caller, { purpose: claimedName(purpose) });
  return auditingRefusal(context, { id: "keys" }, facts, () => context.keyring.make(purpose, { caller }));
}
