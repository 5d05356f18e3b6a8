import { LinchpinError } from "@linchpin/core";
import { checkDeviceSignature } from "@linchpin/protocols/solaris/issuer";
import type { Device, DeviceKey } from "@linchpin/store";
import type { House } from "../house.ts";

/**
 * The text was signed by this key of this device, and the device is bound to this person.
 * @throws LinchpinError `device_unknown`, `device_unverified`, `device_of_another_person`, `device_key_missing`, `signature_invalid`
 */
export async function checkSignatureOfDevice(
  house: House,
  signed: {
    deviceId: string;
    personId: string;
    partnerId: string;
    keyPurpose: DeviceKey["purpose"];
    text: string;
    signatureHex: string;
  },
): Promise<void> {
  const device = await findOwnDevice(house, signed.deviceId, signed.partnerId);
  if (device.personId !== signed.personId) throw new LinchpinError("device_of_another_person", { field: "device_id" });
  const { publicPoint } = keyOf(device, signed.keyPurpose);
  await checkDeviceSignature(house.primitives, { ...signed, publicPoint });
}

/** A verified device of this partner's. @throws LinchpinError `device_unknown`, `device_unverified` */
export async function findOwnDevice(house: House, deviceId: string, partnerId: string): Promise<Device> {
  const device = await house.store.findDevice(deviceId, { includeUnverified: true });
  if (device === null || device.partnerId !== partnerId)
    throw new LinchpinError("device_unknown", { field: "device_id" });
  if (!device.verified) throw new LinchpinError("device_unverified", { field: "device_id" });
  return device;
}

/** @throws LinchpinError `device_key_missing` */
export function keyOf(device: Device, purpose: DeviceKey["purpose"]): DeviceKey {
  const key = device.keys.find((candidate) => candidate.purpose === purpose);
  if (key === undefined) throw new LinchpinError("device_key_missing", { reason: `the device has no ${purpose} key` });
  return key;
}
