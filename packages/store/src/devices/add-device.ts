import type { Queryable } from "../database/index.ts";
import type { NewDevice } from "./records.ts";

export async function addDevice(database: Queryable, { id, personId, name, key, createdAt }: NewDevice): Promise<void> {
  await database.query(sql, [id, personId, name, createdAt, key.id, key.purpose, key.publicPoint, key.createdAt]);
}

const sql = `
with device as (
  insert into devices (id, person_id, name, created_at) values ($1, $2, $3, $4) returning id
)
insert into device_keys (device_id, id, purpose, public_point, created_at)
select device.id, $5, $6, $7::bytea, $8::timestamptz from device`;
