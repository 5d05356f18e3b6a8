import { equalInConstantTime, LinchpinError, utf8 } from "@linchpin/core";
import type { MobileNumberConfirmation } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOpenChallenge, openChallengeSecret, takeTry } from "../../../devices/index.ts";
import { namedNumberOf } from "../../../persons/index.ts";
import { auditRequest, registrationNotAllowed } from "./audit-request.ts";

/**
 * Verifies, by the OTP that the person typed, the number that the OTP was sent to. A number that was registered since stays
 * unverified.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_unknown`, `challenge_ended`, `tan_invalid`,
 *   `caller_not_allowed`
 */
export async function confirmMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  confirmation: MobileNumberConfirmation,
): Promise<MobileNumber> {
  const about = { operation: "solaris.mobile_number.confirm", personId, deviceData: confirmation.device_data } as const;
  return auditRequest(context, caller, about, async (person, facts) => {
    const mobileNumber = namedNumberOf(person, confirmation.number);
    const { otp, mobileNumberId } = await takeOtp(context, personId);
    if (!equalInConstantTime(utf8(confirmation.token), utf8(otp)))
      throw new LinchpinError("tan_invalid", { field: "token" });
    const audit = auditDone(context, { id: personId }, facts.with({ mobileNumberId }));
    const result = await context.store.verifyMobileNumber(personId, mobileNumberId, { audit, outbox: [] });
    if (result === "not_allowed") throw registrationNotAllowed();
    if (result === "unknown") throw new LinchpinError("mobile_number_unknown", { field: "number" });
    await context.store.endChallenges("mobile_number", personId);
    return { ...mobileNumber, verified: true };
  });
}

async function takeOtp(context: Context, personId: string) {
  const challenge = await findOpenChallenge(context, "mobile_number", personId);
  if (challenge === null)
    throw new LinchpinError("challenge_ended", { reason: "no OTP is waiting: authorize the number (again)" });
  await takeTry(context, challenge);
  return openChallengeSecret(context, challenge);
}
