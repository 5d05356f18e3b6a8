import { equalInConstantTime, LinchpinError, utf8 } from "@linchpin/core";
import type { MobileNumberConfirmation } from "@linchpin/protocols/solaris/wire";
import type { MobileNumber } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, sha256Hex } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOpenChallenge, openChallengeSecret, takeTry } from "../../../devices/index.ts";
import { findOwnPerson, namedNumberOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * The person typed the OTP: verifies the number that it went to, and no other that was registered meanwhile.
 * @throws LinchpinError `person_unknown`, `request_invalid`, `mobile_number_unknown`, `challenge_ended`, `tan_invalid`
 */
export async function confirmMobileNumber(
  context: Context,
  caller: PartnerCaller,
  personId: string,
  confirmation: MobileNumberConfirmation,
): Promise<MobileNumber> {
  const person = await findOwnPerson(context, caller, personId);
  const facts = auditFacts(solarisAudit["solaris.mobile_number.confirm"], caller, {
    personId,
    deviceDataSha256: sha256Hex(confirmation.device_data),
  });
  return auditingRefusal(context, { id: person.id }, facts, async () => {
    const mobileNumber = namedNumberOf(person, confirmation.number);
    const { otp, mobileNumberId } = await takeOtp(context, personId);
    if (!equalInConstantTime(utf8(confirmation.token), utf8(otp)))
      throw new LinchpinError("tan_invalid", { field: "token" });
    const audit = auditDone(context, { id: personId }, facts.with({ mobileNumberId }));
    const result = await context.store.verifyMobileNumber(personId, mobileNumberId, { audit, outbox: [] });
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
