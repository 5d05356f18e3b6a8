import type { Consequences } from "../store.ts";

/** Devices and their keys. */
export interface DeviceStore {
  /** Adds a device that has not proved its binding yet. Unverified ones do not count towards `maxDevices`. */
  addDevice(device: NewDevice): Promise<void>;
  /** Verified unless `includeUnverified`; deleted ones are never found. */
  findDevice(id: string, options?: { includeUnverified?: boolean }): Promise<Device | null>;
  listDevices(personId: string): Promise<Device[]>;
  /** Counts and marks under one lock, so that simultaneous proofs can not exceed `maxDevices`. */
  verifyDevice(
    id: string,
    maxDevices: number,
    consequences: Consequences,
  ): Promise<"verified" | "too_many" | "unknown">;
  deleteDevice(id: string, consequences: Consequences): Promise<"deleted" | "unknown">;
  /** Those added before that never proved their binding, with their challenges. */
  deleteUnverifiedDevices(before: Date): Promise<number>;
  addDeviceKey(deviceId: string, key: DeviceKey, consequences: Consequences): Promise<"added" | "exists" | "unknown">;
}

export type KeyPurpose = "restricted" | "unrestricted";

export interface DeviceKey {
  readonly id: string;
  readonly purpose: KeyPurpose;
  /** Uncompressed P-256 point, 65 bytes. One key a purpose a device. */
  readonly publicPoint: Uint8Array;
  readonly createdAt: Date;
}

export interface Device {
  readonly id: string;
  readonly personId: string;
  readonly partnerId: string;
  readonly name: string | null;
  readonly verified: boolean;
  readonly keys: readonly DeviceKey[];
  readonly createdAt: Date;
}

export interface NewDevice {
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly key: DeviceKey;
  readonly createdAt: Date;
}
