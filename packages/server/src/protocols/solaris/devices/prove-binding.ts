import { LinchpinError } from "@linchpin/core";
import { checkDeviceSignature } from "@linchpin/protocols/solaris/issuer";
import type { SignatureAnswer } from "@linchpin/protocols/solaris/wire";
import type { Device, OutboxEntry } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { type ChallengeOf, findOwnChallenge, openChallengeSecret, takeTry } from "../../../devices/index.ts";
import { deviceEvents } from "../../../outbox/index.ts";
import { solarisAudit } from "../audit.ts";
import { maxDevices } from "./bind-device.ts";

type Binding = ChallengeOf<"device_binding">;
type Activation = ChallengeOf<"activation_code">;

/**
 * Verifies a device: the key that is being bound signed the code that reached the person.
 * @throws LinchpinError `challenge_unknown`, `challenge_ended`, `signature_invalid`, `too_many_devices`
 */
export async function proveBinding(
  context: Context,
  caller: PartnerCaller,
  challengeId: string,
  answer: SignatureAnswer,
): Promise<void> {
  const challenge = await findOwnChallenge(context, caller, "device_binding", challengeId);
  const facts = auditFacts(solarisAudit["solaris.mfa.challenges.signatures"], caller, {
    challengeId,
    personId: challenge.personId,
    deviceId: challenge.deviceId,
    deviceDataHmac: await textDigest(context, answer.device_data),
  });
  await auditingRefusal(context, { id: challenge.personId }, facts, async () => {
    await takeTry(context, challenge);
    const device = await findDeviceOf(context, challenge);
    const { code, activation } = await codeOf(context, caller, challenge);
    const publicPoint = device.keys[0]?.publicPoint ?? new Uint8Array();
    await checkDeviceSignature(context.primitives, { publicPoint, text: code, signatureHex: answer.signature });
    await commitBinding(context, { challenge, device, activation, facts });
  });
}

async function findDeviceOf(context: Context, challenge: Binding): Promise<Device> {
  const device = await context.store.findDevice(challenge.deviceId ?? "", { includeUnverified: true });
  if (device === null || device.verified) throw new LinchpinError("challenge_ended");
  return device;
}

/** Returns the code that the device has to sign. An attempt with an activation code counts against that code too. */
async function codeOf(
  context: Context,
  caller: PartnerCaller,
  challenge: Binding,
): Promise<{ code: string; activation: Activation | null }> {
  const secret = await openChallengeSecret(context, challenge);
  if ("otp" in secret) return { code: secret.otp, activation: null };
  const activation = await findOwnChallenge(context, caller, "activation_code", secret.activationChallengeId);
  await takeTry(context, activation);
  const { code } = await openChallengeSecret(context, activation);
  return { code, activation };
}

/**
 * Makes three writes, each of which decides one race: an activation code is used once, the number of devices is bounded,
 * and a challenge is answered once. The code is spent first: if the server stops after that write, the person needs
 * another letter, but nobody can bind two devices with one code.
 */
async function commitBinding(
  context: Context,
  binding: { challenge: Binding; device: Device; activation: Activation | null; facts: AuditFacts<"change"> },
): Promise<void> {
  const { challenge, device, activation, facts } = binding;
  const done = (change: string, outbox: readonly OutboxEntry[] = []) => ({
    audit: auditDone(context, { id: challenge.personId }, facts.with({ change })),
    outbox,
  });
  const { personId } = challenge;
  const bound = deviceEvents(context, "device.bound", { personId, deviceId: device.id, protocol: "solaris" });
  const present = await context.store.listDevices(challenge.personId);
  if (present.length >= maxDevices) throw new LinchpinError("too_many_devices");
  if (activation !== null) {
    const used = await context.store.answerChallenge(activation.id, context.clock(), done("activation code used"));
    if (used === "ended") throw new LinchpinError("challenge_ended");
  }
  const verified = await context.store.verifyDevice(device.id, maxDevices, done("device verified", bound));
  if (verified === "too_many") throw new LinchpinError("too_many_devices");
  if (verified === "unknown") throw new LinchpinError("challenge_ended");
  await context.store.answerChallenge(challenge.id, context.clock(), done("challenge answered"));
}
