import { LinchpinError } from "@linchpin/core";
import { type AuditCaller, auditDone, auditFacts, auditingRefusal, claimedName, issuerAudit } from "../audit/index.ts";
import type { Context } from "../context/index.ts";

/**
 * Deletes an operator, whose API key is refused from then on. The last operator cannot be deleted, because nobody could
 * add another.
 * @throws LinchpinError `not_found`, `conflict`: it is the last one
 */
export async function deleteOperator(context: Context, caller: AuditCaller, name: string): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.operator.delete"], caller, {
    operatorName: claimedName(name),
  });
  const subject = { id: "operators" };
  await auditingRefusal(context, subject, facts, async () => {
    const done = facts.with({ operatorName: name });
    const result = await context.store.deleteOperator(name, { audit: auditDone(context, subject, done), outbox: [] });
    if (result === "unknown") throw new LinchpinError("not_found");
    if (result === "last") throw new LinchpinError("conflict", { reason: "this is the last operator" });
  });
}
