import type { KeyRecord } from "@linchpin/vault";
import type { Queryable } from "../database/index.ts";

export function listKeys(database: Queryable): Promise<KeyRecord[]> {
  return database.query<KeyRecord>(sql);
}

const sql = `
select
  id, purpose, version, algorithm, vault, public_key_spki as "publicKeySpki", handle, created_at as "createdAt",
  current_from as "currentFrom", accepted_until as "acceptedUntil", destroyed_at as "destroyedAt"
from keys
order by purpose, version`;
