import { boolean, groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { Device, DeviceKey } from "../records.ts";

export const findDevice = groupedQuery<
  [id: string, options?: { includeUnverified?: boolean }],
  ItemRow & { readonly device: DeviceJson },
  Device | null
>({
  columns: {
    id: text((id) => id),
    include_unverified: boolean((_, { includeUnverified = false } = {}) => includeUnverified),
  },
  sql: ({ item }) => `
with ${item}
select item.number, ${deviceJson} as device
from item
join devices on devices.id = item.id
  and (devices.state = 'verified' or devices.state = 'unverified' and item.include_unverified)
join persons on persons.id = devices.person_id`,
  resultOf: (row) => deviceOf(row?.device ?? null),
});

/** A device of `devices` and `persons` with its keys, oldest first. */
export const deviceJson = `jsonb_build_object(
  'id', devices.id, 'personId', devices.person_id, 'partnerId', persons.partner_id, 'name', devices.name,
  'verified', devices.state = 'verified', 'createdAt', devices.created_at,
  'deletedAt', devices.deleted_at,
  'keys', (
    select jsonb_agg(
      jsonb_build_object(
        'id', keys.id, 'purpose', keys.purpose, 'publicPointHex', encode(keys.public_point, 'hex'),
        'createdAt', keys.created_at
      ) order by keys.created_at, keys.id
    )
    from device_keys keys where keys.device_id = devices.id
  )
)`;

export interface DeviceJson extends Omit<Device, "keys" | "createdAt" | "deletedAt"> {
  readonly createdAt: string;
  readonly deletedAt: string | null;
  /** Null when the device has no key. */
  readonly keys: readonly DeviceKeyJson[] | null;
}

interface DeviceKeyJson extends Omit<DeviceKey, "publicPoint" | "createdAt"> {
  readonly publicPointHex: string;
  readonly createdAt: string;
}

/** Null for a device without keys, too: nothing can be signed by it. */
export function deviceOf(json: DeviceJson | null): Device | null {
  if (json === null || json.keys === null) return null;
  const keys = json.keys.map(({ publicPointHex, createdAt, ...key }) => ({
    ...key,
    publicPoint: new Uint8Array(Buffer.from(publicPointHex, "hex")),
    createdAt: new Date(createdAt),
  }));
  const deletedAt = json.deletedAt === null ? null : new Date(json.deletedAt);
  return { ...json, keys, createdAt: new Date(json.createdAt), deletedAt };
}
