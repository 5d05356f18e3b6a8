import { LinchpinError } from "@linchpin/core";
import type { MobileNumberRequest } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, sha256Hex } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeSolarisId } from "../../../identifiers.ts";
import { findOwnPerson, parseMobileNumber } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * Gives a person a number, unverified; an unverified one that was there is replaced.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_exists`
 */
export async function registerMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  request: MobileNumberRequest,
): Promise<MobileNumber> {
  const person = await findOwnPerson(context, caller, personId);
  const facts = auditFacts(solarisAudit["solaris.mobile_number.register"], caller, {
    personId,
    deviceDataSha256: sha256Hex(request.device_data),
  });
  return auditingRefusal(context, { id: person.id }, facts, async () => {
    const number = { id: makeSolarisId("cmno"), number: parseMobileNumber(request.number), verified: false };
    const audit = auditDone(context, { id: person.id }, facts.with({ mobileNumberId: number.id }));
    const result = await context.store.setMobileNumber(person.id, number, { audit, outbox: [] });
    if (result === "verified_exists") throw new LinchpinError("mobile_number_exists");
    return number;
  });
}
