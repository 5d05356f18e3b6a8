import type { Queryable } from "../database/index.ts";
import type { Device, DeviceKeyPurpose } from "../records.ts";

export async function findDevice(
  database: Queryable,
  id: string,
  { includeUnverified = false }: { includeUnverified?: boolean } = {},
): Promise<Device | null> {
  const states = includeUnverified ? ["verified", "unverified"] : ["verified"];
  return (await queryDevices(database, "devices.id = $1 and devices.state = any ($2)", [id, states]))[0] ?? null;
}

/** Devices, oldest first, each with its keys, oldest first. */
export async function queryDevices(
  database: Queryable,
  condition: string,
  parameters: readonly unknown[],
): Promise<Device[]> {
  const rows = await database.query<DeviceKeyRow>(
    `
    select
      devices.id, devices.person_id, persons.partner_id, devices.name, devices.state, devices.created_at,
      keys.id as key_id, keys.purpose, keys.public_point, keys.created_at as key_created_at
    from devices
    join persons on persons.id = devices.person_id
    join device_keys keys on keys.device_id = devices.id
    where ${condition}
    order by devices.created_at, devices.id, keys.created_at, keys.id`,
    parameters,
  );
  return [...Map.groupBy(rows, (row) => row.id).values()].flatMap(deviceOf);
}

export interface DeviceKeyRow {
  readonly id: string;
  readonly person_id: string;
  readonly partner_id: string;
  readonly name: string | null;
  readonly state: "verified" | "unverified";
  readonly created_at: Date;
  readonly key_id: string;
  readonly purpose: DeviceKeyPurpose;
  readonly public_point: Uint8Array;
  readonly key_created_at: Date;
}

export function deviceOf(rows: readonly DeviceKeyRow[]): Device[] {
  return rows.slice(0, 1).map((device) => ({
    id: device.id,
    personId: device.person_id,
    partnerId: device.partner_id,
    name: device.name,
    verified: device.state === "verified",
    keys: rows.map((row) => ({
      id: row.key_id,
      purpose: row.purpose,
      publicPoint: row.public_point,
      createdAt: row.key_created_at,
    })),
    createdAt: device.created_at,
  }));
}
