import type { DeviceKey } from "../records.ts";

/** A device with its first key. */
export interface NewDevice {
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly key: DeviceKey;
  readonly createdAt: Date;
}
