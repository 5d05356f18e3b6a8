import { LinchpinError } from "@linchpin/core";
import { auditFacts, auditingRefusal, auditRefused, claimedName, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { countProtected, type ProtectedCounts } from "./protected-counts.ts";

/**
 * Ends a key's acceptance before its time. Returns null when that is done, else the numbers of stored values that still
 * need the key. `forceRecovery`:
 * signing methods that do need recovery from then on, which the counts do not refuse.
 * @throws LinchpinError `not_found`: no such key; `conflict`: it is not accepted, or is a current or a pending one
 */
export function retireKey(
  context: Context,
  caller: Caller,
  { keyId, forceRecovery }: { keyId: string; forceRecovery: boolean },
): Promise<ProtectedCounts | null> {
  return endKey(context, caller, { operation: "issuer.key.retire", keyId }, async () => {
    const { signingMethods } = await context.store.countProtected(keyId);
    const facts = forceRecovery ? { caller, signingMethodsToRecover: signingMethods } : { caller };
    return context.keyring.retire(keyId, { forceRecovery }, facts);
  });
}

/** Retires or destroys a key, or returns the numbers of stored values that still need it. A refusal appends an audit event. */
export function endKey(
  context: Context,
  caller: Caller,
  { operation, keyId }: { operation: "issuer.key.retire" | "issuer.key.destroy"; keyId: string },
  end: () => Promise<"retired" | "destroyed" | "in_use">,
): Promise<ProtectedCounts | null> {
  const facts = auditFacts(issuerAudit[operation], caller, { keyId: claimedName(keyId) });
  return auditingRefusal(context, { id: "keys" }, facts, async () => {
    if ((await end()) !== "in_use") return null;
    const protects = await countProtected(context, keyId);
    const error = new LinchpinError("conflict", { reason: "something is still kept under this key" });
    await context.store.appendAuditEvent(auditRefused(context, { id: "keys" }, error, facts.with({ protects })));
    return protects;
  });
}
