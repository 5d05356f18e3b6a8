import type { Queryable } from "../database/index.ts";
import type { Device } from "../records.ts";
import { queryDevices } from "./find-device.ts";

export function listDevices(database: Queryable, personId: string): Promise<Device[]> {
  return queryDevices(database, "devices.person_id = $1 and devices.state = 'verified'", [personId]);
}
