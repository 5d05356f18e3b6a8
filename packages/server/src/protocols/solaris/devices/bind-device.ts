import { LinchpinError } from "@linchpin/core";
import { parseDevicePublicKey } from "@linchpin/protocols/solaris/issuer";
import type { BindDeviceRequest } from "@linchpin/protocols/solaris/wire";
import type { Challenge, NewDevice, OutboxEntry, Person } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import { checkVendorCode } from "../../../cards/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { type ChallengeSecrets, findOpenChallenge, makeChallenge, sendChallenge } from "../../../devices/index.ts";
import { makeId } from "../../../identifiers.ts";
import { otpMessage } from "../../../outbox/index.ts";
import { findOwnPerson, verifiedNumberOf } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/** Solaris allows a person as many. */
export const maxDevices = 5;

/**
 * Stores an unverified device and the challenge that proves its binding: the new key must sign the OTP that this call
 * sends, or the activation code that came by letter. `sms_challenge.app_signature` is not put into the message, because
 * the issuer alone decides what its messages say. A call that is refused as `rate_limited` leaves a device that cannot
 * be verified; maintenance deletes it.
 * @throws LinchpinError `person_unknown`, `caller_not_allowed`: the person's cards are all for the native protocol alone;
 *   `public_key_unusable`, `too_many_devices`, `mobile_number_missing`, `activation_code_missing`, `rate_limited`
 */
export async function bindDevice(
  context: Context,
  caller: PartnerCaller,
  request: BindDeviceRequest,
): Promise<{ device: NewDevice; challenge: Challenge }> {
  const person = await findOwnPerson(context, caller, request.person_id);
  const facts = auditFacts(solarisAudit["solaris.mfa.devices.bind"], caller, {
    personId: person.id,
    deviceDataHmac: await textDigest(context, request.device_data),
  });
  return auditingRefusal(context, { id: person.id }, facts, async () => {
    await checkVendorCode(context, person.id);
    const device = await newDevice(context, request);
    const present = await context.store.listDevices(person.id);
    if (present.length >= maxDevices) throw new LinchpinError("too_many_devices");
    const { secret, outbox } = await bindingSecret(context, person, request);
    const challenge = await makeChallenge(context, {
      kind: "device_binding",
      personId: person.id,
      partnerId: person.partnerId,
      deviceId: device.id,
      keyPurpose: device.key.purpose,
      secret,
    });
    await context.store.addDevice(device);
    const audit = auditDone(context, { id: person.id }, facts.with({ deviceId: device.id, challengeId: challenge.id }));
    if (outbox.length === 0) await context.store.addChallenge(challenge, { audit, outbox });
    else await sendChallenge(context, challenge, { audit, outbox }, { replaces: false });
    return { device, challenge };
  });
}

async function newDevice(context: Context, request: BindDeviceRequest): Promise<NewDevice> {
  const createdAt = context.clock();
  return {
    id: makeId(),
    personId: request.person_id,
    name: request.name ?? null,
    key: {
      id: makeId(),
      purpose: request.key_purpose ?? "unrestricted",
      publicPoint: await parseDevicePublicKey(context.primitives, request.key),
      createdAt,
    },
    createdAt,
  };
}

async function bindingSecret(
  context: Context,
  person: Person,
  request: BindDeviceRequest,
): Promise<{ secret: ChallengeSecrets["device_binding"]; outbox: OutboxEntry[] }> {
  if (request.challenge_type === "activation_code") {
    const activation = await findOpenChallenge(context, "activation_code", person.id);
    if (activation === null) throw new LinchpinError("activation_code_missing");
    return { secret: { activationChallengeId: activation.id }, outbox: [] };
  }
  const to = verifiedNumberOf(person);
  const otp = context.makeOtp(to);
  const message = await otpMessage(context, { to, code: otp, about: `binding.${request.language ?? "en"}` });
  return { secret: { otp }, outbox: [message] };
}
