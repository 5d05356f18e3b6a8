import type { DeviceKey } from "../records.ts";

/** A device with its first key. */
export interface NewDevice {
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly key: DeviceKey;
  readonly createdAt: Date;
}

/** Which of a partner's devices, and which page of them. */
export interface DeviceFilter {
  /** Null: those of all persons. */
  readonly personId: string | null;
  readonly includeDeleted: boolean;
  readonly skip: number;
  readonly limit: number;
}
