import type { Queryable } from "../database/index.ts";
import type { Device } from "../records.ts";
import { type DeviceJson, deviceJson, deviceOf } from "./find-device.ts";
import type { DeviceFilter } from "./records.ts";

export async function listPartnerDevices(
  database: Queryable,
  partnerId: string,
  { personId, includeDeleted, skip, limit }: DeviceFilter,
): Promise<Device[]> {
  const rows = await database.query<{ device: DeviceJson }>(sql, [partnerId, personId, includeDeleted, skip, limit]);
  return rows.flatMap(({ device }) => deviceOf(device) ?? []);
}

const sql = `
select ${deviceJson} as device from devices
join persons on persons.id = devices.person_id
where persons.partner_id = $1 and ($2::text is null or persons.id = $2)
  and (devices.state = 'verified' or ($3::boolean and devices.state = 'deleted'))
order by devices.created_at, devices.id
offset $4::int limit $5::int`;
