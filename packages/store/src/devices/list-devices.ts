import type { Queryable } from "../database/index.ts";
import type { Device } from "../records.ts";
import { type DeviceJson, deviceJson, deviceOf } from "./find-device.ts";

export async function listDevices(database: Queryable, personId: string): Promise<Device[]> {
  const rows = await database.query<{ device: DeviceJson }>(sql, [personId]);
  return rows.map(({ device }) => deviceOf(device)).filter((device) => device !== null);
}

const sql = `
select ${deviceJson} as device
from devices join persons on persons.id = devices.person_id
where devices.person_id = $1 and devices.state = 'verified'
order by devices.created_at, devices.id`;
