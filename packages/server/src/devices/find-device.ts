import { LinchpinError } from "@linchpin/core";
import type { Device, DeviceKey } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** A verified device of this partner's. @throws LinchpinError `device_unknown`, `device_unverified` */
export async function findOwnDevice(context: Context, deviceId: string, partnerId: string): Promise<Device> {
  return ownDevice(await context.store.findDevice(deviceId, { includeUnverified: true }), partnerId);
}

function ownDevice(device: Device | null, partnerId: string): Device {
  if (device === null || device.partnerId !== partnerId)
    throw new LinchpinError("device_unknown", { field: "device_id" });
  if (!device.verified) throw new LinchpinError("device_unverified", { field: "device_id" });
  return device;
}

/**
 * A device that is bound to this person.
 * @throws LinchpinError as `findOwnDevice`, and `device_of_another_person`
 */
export async function findDeviceOf(
  context: Context,
  deviceId: string,
  owner: { personId: string; partnerId: string },
): Promise<Device> {
  return deviceOf(await context.store.findDevice(deviceId, { includeUnverified: true }), owner);
}

/** As `findDeviceOf`, for a device that was looked up already. */
export function deviceOf(
  found: Device | null,
  { personId, partnerId }: { personId: string; partnerId: string },
): Device {
  const device = ownDevice(found, partnerId);
  if (device.personId !== personId) throw new LinchpinError("device_of_another_person", { field: "device_id" });
  return device;
}

/** @throws LinchpinError `device_key_missing` */
export function keyOf(device: Device, purpose: DeviceKey["purpose"]): DeviceKey {
  const key = device.keys.find((candidate) => candidate.purpose === purpose);
  if (key === undefined) throw new LinchpinError("device_key_missing", { reason: `the device has no ${purpose} key` });
  return key;
}
