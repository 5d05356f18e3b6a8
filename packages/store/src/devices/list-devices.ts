import type { Queryable } from "../database/database.ts";
import type { Device } from "./devices.ts";
import { queryDevices } from "./find-device.ts";

export function listDevices(database: Queryable, personId: string): Promise<Device[]> {
  return queryDevices(database, "devices.person_id = $1 and devices.state = 'verified'", [personId]);
}
