import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeSolarisId } from "../identifiers.ts";

/**
 * Gives a person another number. The operator vouches for it, so it counts as verified and replaces a verified one.
 * OTPs that went to the former number verify nothing any more.
 * @throws LinchpinError `person_unknown`
 */
export async function replaceMobileNumber(
  context: Context,
  caller: Caller,
  { personId, number }: { personId: string; number: string },
): Promise<Person> {
  const person = await context.store.findPerson(personId);
  if (person === null) throw new LinchpinError("person_unknown");
  const mobileNumber = { id: makeSolarisId("cmno"), number, verified: true };
  const facts = auditFacts(issuerAudit["issuer.person.mobile_number"], caller, {
    personId,
    mobileNumberId: mobileNumber.id,
  });
  const audit = auditDone(context, { id: personId }, facts);
  await context.store.setMobileNumber(personId, mobileNumber, { audit, outbox: [] });
  return { ...person, mobileNumber };
}
