import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, auditingRefusal, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";

/**
 * Deletes an operator, whose API key is refused from then on. The last operator cannot be deleted, because nobody could
 * add another.
 * @throws LinchpinError `not_found`, `conflict`: it is the last one
 */
export async function deleteOperator(context: Context, caller: Caller, name: string): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.operator.delete"], caller, { operatorName: name });
  const subject = { id: "operators" };
  await auditingRefusal(context, subject, facts, async () => {
    const result = await context.store.deleteOperator(name, { audit: auditDone(context, subject, facts), outbox: [] });
    if (result === "unknown") throw new LinchpinError("not_found");
    if (result === "last") throw new LinchpinError("conflict", { reason: "this is the last operator" });
  });
}
