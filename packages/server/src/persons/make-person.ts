import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeSolarisId } from "../identifiers.ts";

/**
 * Adds a cardholder of a partner. A mobile number that the operator gives counts as verified.
 * @throws LinchpinError `not_found`: no such partner
 */
export async function makePerson(
  context: Context,
  caller: Caller,
  { partnerId, mobileNumber }: { partnerId: string; mobileNumber: string | null },
): Promise<Person> {
  const person: Person = {
    id: makeSolarisId("cper"),
    partnerId,
    mobileNumber:
      mobileNumber === null
        ? null
        : { id: makeSolarisId("cmno"), number: mobileNumber, verified: true, setByOperator: true },
    createdAt: context.clock(),
  };
  const facts = auditFacts(issuerAudit["issuer.person.make"], caller, { partnerId, personId: person.id });
  const audit = auditDone(context, { id: person.id }, facts);
  const result = await context.store.addPerson(person, { audit, outbox: [] });
  if (result === "partner_unknown") throw new LinchpinError("not_found", { field: "partnerId" });
  return person;
}
