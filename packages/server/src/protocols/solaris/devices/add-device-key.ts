import { LinchpinError } from "@linchpin/core";
import { checkDeviceSignature, parseDevicePublicKey } from "@linchpin/protocols/solaris/issuer";
import type { AddDeviceKeyRequest } from "@linchpin/protocols/solaris/wire";
import type { Device, DeviceKey } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnDevice, keyOf } from "../../../devices/index.ts";
import { makeId } from "../../../identifiers.ts";
import { solarisAudit } from "../audit.ts";

/**
 * How long after a device is bound its unrestricted key may vouch for a restricted one. Solaris publishes no rule.
 * Anyone who holds the unlocked phone can use the unrestricted key; if that were enough at any time, biometrics would
 * protect nothing. Within this time the OTP that bound the device vouches too, so that both keys of a new device can
 * be made in one sitting, in either order. Later, the way to a restricted key is to bind the device again.
 */
const enrolmentMs = 10 * 60 * 1000;

/**
 * Adds a device's second key. The first key vouches for it by a signature over the hex text of the new key, as sent.
 * @throws LinchpinError `device_unknown`, `device_unverified`, `public_key_unusable`, `device_key_missing`,
 *   `caller_not_allowed`, `signature_invalid`, `device_key_exists`
 */
export async function addDeviceKey(
  context: Context,
  caller: PartnerCaller,
  deviceId: string,
  request: AddDeviceKeyRequest,
): Promise<DeviceKey> {
  const device = await findOwnDevice(context, deviceId, caller.partnerId);
  const subject = { id: device.personId };
  const facts = auditFacts(solarisAudit["solaris.mfa.devices.keys"], caller, {
    personId: device.personId,
    deviceId,
    keyPurpose: request.key_purpose,
    deviceDataHmac: await textDigest(context, request.device_data),
  });
  return auditingRefusal(context, subject, facts, async () => {
    const key = await newKey(context, device, request);
    await checkVoucher(context, device, request);
    const audit = auditDone(context, subject, facts.with({ deviceKeyId: key.id }));
    const result = await context.store.addDeviceKey(device.id, key, { audit, outbox: [] });
    if (result === "exists") throw new LinchpinError("device_key_exists", { field: "key_purpose" });
    if (result === "unknown") throw new LinchpinError("device_unknown", { field: "device_id" });
    return key;
  });
}

/** One key for both purposes would undo the protection of the restricted purpose. */
async function newKey(context: Context, device: Device, request: AddDeviceKeyRequest): Promise<DeviceKey> {
  const publicPoint = await parseDevicePublicKey(context.primitives, request.key);
  if (device.keys.some((key) => Buffer.from(key.publicPoint).equals(publicPoint)))
    throw new LinchpinError("public_key_unusable", { field: "key", reason: "the device has this key already" });
  return { id: makeId(), purpose: request.key_purpose, publicPoint, createdAt: context.clock() };
}

async function checkVoucher(context: Context, device: Device, request: AddDeviceKeyRequest): Promise<void> {
  const { signature_key_purpose: purpose, signature } = request.device_signature;
  const { publicPoint } = keyOf(device, purpose);
  const isEnrolling = context.clock().getTime() - device.createdAt.getTime() < enrolmentMs;
  if (purpose === "unrestricted" && request.key_purpose === "restricted" && !isEnrolling)
    throw new LinchpinError("caller_not_allowed", {
      field: "device_signature.signature_key_purpose",
      reason: "an unrestricted key vouches for a restricted one only in the ten minutes after the device was bound",
    });
  await checkDeviceSignature(context.primitives, { publicPoint, text: request.key, signatureHex: signature });
}
