import { LinchpinError } from "@linchpin/core";
import { auditDone } from "../audit/audit-entry.ts";
import type { Caller, House } from "../context/context.ts";
import { auditingRefusal } from "../pin/pin-operation.ts";

/**
 * Takes an operator's API key away, at once. The last operator stays: nobody could let another in.
 * @throws LinchpinError `not_found`, `conflict`: it is the last one
 */
export async function deleteOperator(house: House, caller: Caller, name: string): Promise<void> {
  const facts = { operation: "issuer.operator.delete", caller, operatorName: name };
  const subject = { id: "operators" };
  await auditingRefusal(house, subject, facts, async () => {
    const result = await house.store.deleteOperator(name, { audit: auditDone(house, subject, facts), outbox: [] });
    if (result === "unknown") throw new LinchpinError("not_found");
    if (result === "last") throw new LinchpinError("conflict", { reason: "this is the last operator" });
  });
}
