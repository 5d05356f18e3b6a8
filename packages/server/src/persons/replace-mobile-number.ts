import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeSolarisId } from "../identifiers.ts";

/**
 * Replaces a person's mobile number. The operator vouches for the new number, so it counts as verified and may replace a
 * verified one. OTPs that were sent to the former number no longer verify anything.
 * @throws LinchpinError `person_unknown`
 */
export async function replaceMobileNumber(
  context: Context,
  caller: Caller,
  { personId, number }: { personId: string; number: string },
): Promise<Person> {
  const person = await context.store.findPerson(personId);
  if (person === null) throw new LinchpinError("person_unknown");
  const mobileNumber = { id: makeSolarisId("cmno"), number, verified: true, setByOperator: true };
  const facts = auditFacts(issuerAudit["issuer.person.mobile_number"], caller, {
    personId,
    mobileNumberId: mobileNumber.id,
  });
  const audit = auditDone(context, { id: personId }, facts);
  await context.store.setMobileNumber(personId, mobileNumber, { audit, outbox: [] });
  return { ...person, mobileNumber };
}
