import { LinchpinError } from "@linchpin/core";
import type { MobileNumberRequest } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeSolarisId } from "../../../identifiers.ts";
import { parseMobileNumber } from "../../../persons/index.ts";
import { auditRequest, registrationNotAllowed } from "./audit-request.ts";

/**
 * Registers a person's mobile number, unverified. It replaces an earlier unverified one.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_exists`, `caller_not_allowed`: operators set the
 * numbers of this partner's persons
 */
export async function registerMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  request: MobileNumberRequest,
): Promise<MobileNumber> {
  const about = { operation: "solaris.mobile_number.register", personId, deviceData: request.device_data } as const;
  return auditRequest(context, caller, about, async (person, facts) => {
    const number = {
      id: makeSolarisId("cmno"),
      number: parseMobileNumber(request.number),
      verified: false,
      setByOperator: false,
    };
    const audit = auditDone(context, { id: person.id }, facts.with({ mobileNumberId: number.id }));
    const result = await context.store.setMobileNumber(person.id, number, { audit, outbox: [] });
    if (result === "not_allowed") throw registrationNotAllowed();
    if (result === "verified_exists") throw new LinchpinError("mobile_number_exists");
    return number;
  });
}
