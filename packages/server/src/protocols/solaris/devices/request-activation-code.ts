import { LinchpinError } from "@linchpin/core";
import type { ActivationRequest } from "@linchpin/protocols/solaris/wire";
import type { Challenge } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import { checkVendorCode } from "../../../cards/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOpenChallenge, makeChallenge, sendChallenge } from "../../../devices/index.ts";
import { otpMessage } from "../../../outbox/index.ts";
import { findOwnPerson, letterRecipientOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/**
 * Sends a person a letter with a code that binds one device.
 * @throws LinchpinError `person_unknown`; `caller_not_allowed`: the person's cards are all for the native protocol alone;
 *   `mobile_number_missing`: no operator set the person's number;
 *   `activation_code_exists`: an earlier code is valid, and the request does not invalidate it; `rate_limited`
 */
export async function requestActivationCode(
  context: Context,
  caller: PartnerCaller,
  request: ActivationRequest,
): Promise<Challenge> {
  const person = await findOwnPerson(context, caller, request.person_id);
  const facts = auditFacts(solarisAudit["solaris.mfa.challenges.activation"], caller, { personId: person.id });
  return auditingRefusal(context, { id: person.id }, facts, async () => {
    await checkVendorCode(context, person.id);
    const to = letterRecipientOf(person);
    const existing = await findOpenChallenge(context, "activation_code", person.id);
    if (existing !== null && request.invalidate_existing_code !== true)
      throw new LinchpinError("activation_code_exists");
    const code = context.makeOtp(to);
    const challenge = await makeChallenge(context, {
      kind: "activation_code",
      personId: person.id,
      partnerId: person.partnerId,
      deviceId: null,
      keyPurpose: null,
      secret: { code },
    });
    const audit = auditDone(context, { id: person.id }, facts.with({ challengeId: challenge.id }));
    const letter = await otpMessage(context, { to, code, about: "activation" });
    await sendChallenge(context, challenge, { audit, outbox: [letter] }, { replaces: true });
    return challenge;
  });
}
