import type { Queryable } from "../database/index.ts";
import { type DeviceKeyRow, deviceOf } from "../devices/index.ts";
import { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
import type { CardForChange, ChangeAsked } from "./records.ts";

export async function findCardForChange(
  database: Queryable,
  { protocol, name, deviceId, mark }: ChangeAsked,
): Promise<CardForChange | null> {
  const rows = await database.query<Row>(sql, [protocol, name, deviceId, mark]);
  const [row] = rows;
  if (row === undefined) return null;
  const [device = null] = deviceOf(
    rows.flatMap(({ device_key }) => (device_key === null ? [] : [keyRowOf(device_key)])),
  );
  return { ...cardOf(row), device, isReplayed: row.is_replayed };
}

interface Row extends CardRow {
  readonly is_replayed: boolean;
  readonly device_key: DeviceKeyJson | null;
}

/** A `DeviceKeyRow` in JSON. */
type DeviceKeyJson = Omit<DeviceKeyRow, "created_at" | "key_created_at" | "public_point"> & {
  readonly created_at: string;
  readonly key_created_at: string;
  readonly public_point_hex: string;
};

function keyRowOf({ created_at, key_created_at, public_point_hex, ...row }: DeviceKeyJson): DeviceKeyRow {
  return {
    ...row,
    created_at: new Date(created_at),
    key_created_at: new Date(key_created_at),
    public_point: new Uint8Array(Buffer.from(public_point_hex, "hex")),
  };
}

const sql = `
select ${cardColumns}, exists (select from replay_marks where mark = $4) as is_replayed, device_key
from ${cardTables}
left join lateral (
  select jsonb_build_object(
    'id', devices.id, 'person_id', devices.person_id, 'partner_id', owners.partner_id, 'name', devices.name,
    'state', devices.state, 'created_at', devices.created_at, 'key_id', keys.id, 'purpose', keys.purpose,
    'public_point_hex', encode(keys.public_point, 'hex'), 'key_created_at', keys.created_at
  ) as device_key
  from devices
  join persons owners on owners.id = devices.person_id
  join device_keys keys on keys.device_id = devices.id
  where devices.id = $3 and devices.state in ('verified', 'unverified')
  order by keys.created_at, keys.id
) device on true
where cards.id = (select card_id from card_names where protocol = $1 and name = $2)`;
