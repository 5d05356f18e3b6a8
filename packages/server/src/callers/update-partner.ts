import { LinchpinError } from "@linchpin/core";
import type { Partner } from "@linchpin/store";
import { type AuditCaller, auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Context } from "../context/index.ts";

/**
 * Says whether a partner may register the first mobile number of its persons from now on. Numbers that it registered
 * before, and that were confirmed, stay.
 * @throws LinchpinError `not_found`: no such partner
 */
export async function updatePartner(
  context: Context,
  caller: AuditCaller,
  { id, mayRegisterMobileNumbers }: Pick<Partner, "id" | "mayRegisterMobileNumbers">,
): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.partner.update"], caller, { partnerId: id, mayRegisterMobileNumbers });
  const audit = auditDone(context, { id }, facts);
  const result = await context.store.updatePartner({ id, mayRegisterMobileNumbers }, { audit, outbox: [] });
  if (result === "unknown") throw new LinchpinError("not_found");
}
