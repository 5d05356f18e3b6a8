import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, Device, DeviceKey } from "../records.ts";
import { addDevice } from "./add-device.ts";
import { addDeviceKey } from "./add-device-key.ts";
import { deleteDevice } from "./delete-device.ts";
import { deleteUnverifiedDevices } from "./delete-unverified-devices.ts";
import { findDevice } from "./find-device.ts";
import { listDevices } from "./list-devices.ts";
import { listPartnerDevices } from "./list-partner-devices.ts";
import type { DeviceFilter, NewDevice } from "./records.ts";
import { verifyDevice } from "./verify-device.ts";

export { type DeviceJson, deviceJson, deviceOf } from "./find-device.ts";
export type { NewDevice } from "./records.ts";

/** Devices and their keys. */
export interface DeviceStore {
  /** Adds a device whose binding is not proved yet. */
  addDevice(device: NewDevice): Promise<void>;
  /** Finds verified devices, and unverified ones with `includeUnverified`. Deleted ones are never found. */
  findDevice(id: string, options?: { includeUnverified?: boolean }): Promise<Device | null>;
  /** The verified devices of a person, oldest first. */
  listDevices(personId: string): Promise<Device[]>;
  /** A page of the verified devices of a partner's persons, oldest first; with `includeDeleted` also the deleted ones. */
  listPartnerDevices(partnerId: string, filter: DeviceFilter): Promise<Device[]>;
  /**
   * Marks a device as verified. It counts the person's verified devices and marks under one lock, so that simultaneous
   * calls cannot exceed `maxDevices`. `too_many`: the person has that many. `unknown`: no unverified device has this
   * id.
   */
  verifyDevice(
    id: string,
    maxDevices: number,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"verified" | "too_many" | "unknown">;
  deleteDevice(id: string, auditAndOutbox: AuditAndOutbox): Promise<"deleted" | "unknown">;
  /**
   * Deletes devices that were added before `before` and never verified, with their challenges. Returns how many there
   * were.
   */
  deleteUnverifiedDevices(before: Date): Promise<number>;
  /**
   * `exists`: the device has a key of this purpose, or the key id is taken. `unknown`: no verified device has this id.
   */
  addDeviceKey(
    deviceId: string,
    key: DeviceKey,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "exists" | "unknown">;
}

export function deviceStore(database: Database): DeviceStore {
  return bindQueries(database, {
    addDevice,
    findDevice,
    listDevices,
    listPartnerDevices,
    verifyDevice,
    deleteDevice,
    deleteUnverifiedDevices,
    addDeviceKey,
  });
}
