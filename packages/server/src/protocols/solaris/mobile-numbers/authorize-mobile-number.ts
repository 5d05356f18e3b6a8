import { LinchpinError } from "@linchpin/core";
import type { MobileNumberRequest } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, sha256Hex } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeChallenge, sendChallenge } from "../../../devices/index.ts";
import { otpMessage } from "../../../outbox/index.ts";
import { findOwnPerson, namedNumberOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * Sends an OTP to a number that is to be verified. The last one sent counts.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_unknown`, `mobile_number_exists`,
 *   `rate_limited`
 */
export async function authorizeMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  request: MobileNumberRequest,
): Promise<MobileNumber> {
  const person = await findOwnPerson(context, caller, personId);
  const facts = auditFacts(solarisAudit["solaris.mobile_number.authorize"], caller, {
    personId,
    deviceDataSha256: sha256Hex(request.device_data),
  });
  return auditingRefusal(context, { id: person.id }, facts, async () => {
    const mobileNumber = namedNumberOf(person, request.number);
    if (mobileNumber.verified) throw new LinchpinError("mobile_number_exists");
    const otp = context.makeOtp(mobileNumber.number);
    const challenge = await makeChallenge(context, {
      kind: "mobile_number",
      personId,
      partnerId: person.partnerId,
      deviceId: null,
      keyPurpose: null,
      secret: { otp, mobileNumberId: mobileNumber.id },
    });
    const message = await otpMessage(context, { to: mobileNumber.number, code: otp, about: "mobile number" });
    const audit = auditDone(context, { id: personId }, facts.with({ mobileNumberId: mobileNumber.id }));
    await sendChallenge(context, challenge, { audit, outbox: [message] }, { replaces: true });
    return mobileNumber;
  });
}
