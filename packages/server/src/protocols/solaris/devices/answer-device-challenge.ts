import { LinchpinError } from "@linchpin/core";
import type { SignatureAnswer } from "@linchpin/protocols/solaris/wire";
import { auditDone, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnChallenge, openChallengeSecret, takeTry } from "../../../devices/index.ts";
import { solarisAudit } from "../audit.ts";
import { checkBoundDeviceSignature } from "./check-device-signature.ts";

/**
 * Verifies a device's signature over the string of a challenge, by the key whose purpose the challenge names.
 * @throws LinchpinError `challenge_unknown`, `challenge_ended`, `device_unknown`, `device_unverified`,
 *   `device_of_another_person`, `device_key_missing`, `signature_invalid`
 */
export async function answerDeviceChallenge(
  context: Context,
  caller: PartnerCaller,
  challengeId: string,
  answer: SignatureAnswer,
): Promise<void> {
  const challenge = await findOwnChallenge(context, caller, "device_signing", challengeId);
  const { personId, partnerId, deviceId, keyPurpose } = challenge;
  const facts = auditFacts(solarisAudit["solaris.mfa.challenges.devices.answer"], caller, {
    personId,
    deviceId,
    challengeId,
    deviceDataHmac: await textDigest(context, answer.device_data),
  });
  await auditingRefusal(context, { id: personId }, facts, async () => {
    await takeTry(context, challenge);
    const { stringToSign } = await openChallengeSecret(context, challenge);
    await checkBoundDeviceSignature(context, {
      device: await context.store.findDevice(deviceId ?? "", { includeUnverified: true }),
      personId,
      partnerId,
      keyPurpose: keyPurpose ?? "restricted",
      text: stringToSign,
      signatureHex: answer.signature,
    });
    const audit = auditDone(context, { id: personId }, facts);
    const result = await context.store.answerChallenge(challengeId, context.clock(), { audit, outbox: [] });
    if (result === "ended") throw new LinchpinError("challenge_ended");
  });
}
