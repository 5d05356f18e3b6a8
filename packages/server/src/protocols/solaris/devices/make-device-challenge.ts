import { writeStringToSign } from "@linchpin/protocols/solaris/issuer";
import type { DeviceChallengeRequest } from "@linchpin/protocols/solaris/wire";
import type { Challenge } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnDevice, keyOf, makeChallenge } from "../../../devices/index.ts";
import { makeSecret } from "../../../identifiers.ts";
import { solarisAudit } from "../audit.ts";

/**
 * A string for a device to sign. It has 256 random bits, so that a signature made for anything else is no answer.
 * @throws LinchpinError `device_unknown`, `device_unverified`, `device_key_missing`
 */
export async function makeDeviceChallenge(
  context: Context,
  caller: PartnerCaller,
  request: DeviceChallengeRequest,
): Promise<{ challenge: Challenge; stringToSign: string }> {
  const device = await findOwnDevice(context, request.device_id, caller.partnerId);
  const subject = { id: device.personId };
  const facts = auditFacts(solarisAudit["solaris.mfa.challenges.devices"], caller, {
    personId: device.personId,
    deviceId: device.id,
    keyPurpose: request.key_purpose,
    deviceDataHmac: await textDigest(context, request.device_data),
  });
  return auditingRefusal(context, subject, facts, async () => {
    keyOf(device, request.key_purpose);
    const authorized = { operation: "answer_challenge", device: device.id, at: context.clock() } as const;
    const stringToSign = writeStringToSign(authorized, makeSecret());
    const challenge = await makeChallenge(context, {
      kind: "device_signing",
      personId: device.personId,
      partnerId: device.partnerId,
      deviceId: device.id,
      keyPurpose: request.key_purpose,
      secret: { stringToSign },
    });
    const audit = auditDone(context, subject, facts.with({ challengeId: challenge.id }));
    await context.store.addChallenge(challenge, { audit, outbox: [] });
    return { challenge, stringToSign };
  });
}
