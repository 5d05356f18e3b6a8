import { LinchpinError } from "@linchpin/core";
import type { MobileNumberRequest } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone } from "../../../audit/index.ts";
import { checkVendorCode } from "../../../cards/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeChallenge, sendChallenge } from "../../../devices/index.ts";
import { otpMessage } from "../../../outbox/index.ts";
import { namedNumberOf } from "../../../persons/index.ts";
import { auditRequest } from "./audit-request.ts";

/**
 * Sends an OTP to a number that is to be verified. The last one sent counts.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_unknown`, `mobile_number_exists`,
 *   `caller_not_allowed`: the person's cards are all for the native protocol alone; `rate_limited`
 */
export async function authorizeMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  request: MobileNumberRequest,
): Promise<MobileNumber> {
  const about = { operation: "solaris.mobile_number.authorize", personId, deviceData: request.device_data } as const;
  return auditRequest(context, caller, about, async (person, facts) => {
    const mobileNumber = namedNumberOf(person, request.number);
    if (mobileNumber.verified) throw new LinchpinError("mobile_number_exists");
    await checkVendorCode(context, personId);
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
