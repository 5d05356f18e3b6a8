import type { Partner } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";

export async function makePartner(
  context: Context,
  caller: Caller,
  { name, mayRegisterMobileNumbers }: Pick<Partner, "name" | "mayRegisterMobileNumbers">,
): Promise<Partner> {
  const partner: Partner = { id: makeId(), name, mayRegisterMobileNumbers, createdAt: context.clock() };
  const audit = auditDone(
    context,
    { id: partner.id },
    auditFacts(issuerAudit["issuer.partner.make"], caller, { partnerId: partner.id, mayRegisterMobileNumbers }),
  );
  await context.store.addPartner(partner, { audit, outbox: [] });
  return partner;
}
