import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnPerson, namedNumberOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * Deletes a number that was never verified. OTPs are sent to a verified number, so a caller that could replace it could
 * bind a device as this person. Solaris asks for the person's confirmation there; here the operator does it.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_unknown`, `caller_not_allowed`
 */
export async function deleteMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  named: string | undefined,
): Promise<void> {
  const person = await findOwnPerson(context, caller, personId);
  const facts = auditFacts(solarisAudit["solaris.mobile_number.delete"], caller, { personId });
  await auditingRefusal(context, { id: person.id }, facts, async () => {
    const { id: mobileNumberId, verified } = namedNumberOf(person, named);
    if (verified)
      throw new LinchpinError("caller_not_allowed", { reason: "a verified number is not the partner's to delete" });
    const audit = auditDone(context, { id: personId }, facts.with({ mobileNumberId }));
    const result = await context.store.deleteMobileNumber(personId, mobileNumberId, { audit, outbox: [] });
    if (result === "unknown") throw new LinchpinError("mobile_number_unknown", { field: "number" });
  });
}
