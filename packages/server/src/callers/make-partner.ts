import type { Partner } from "@linchpin/store";
import { auditDone } from "../audit/audit-entry.ts";
import type { Caller, House } from "../context/context.ts";
import { makeId } from "../identifiers.ts";

export async function makePartner(house: House, caller: Caller, { name }: { name: string }): Promise<Partner> {
  const partner: Partner = { id: makeId(), name, createdAt: house.clock() };
  const audit = auditDone(
    house,
    { id: partner.id },
    { operation: "issuer.partner.make", caller, partnerId: partner.id },
  );
  await house.store.addPartner(partner, { audit, outbox: [] });
  return partner;
}
