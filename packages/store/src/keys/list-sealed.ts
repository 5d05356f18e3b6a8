import type { Queryable } from "../database/index.ts";
import type { SealedKind, SealedValue } from "./records.ts";
import { sealedPlaces } from "./sealed-kinds.ts";

export async function listSealed(
  database: Queryable,
  kind: SealedKind,
  keyIds: readonly string[],
  { fromId, limit }: { fromId: string; limit: number },
): Promise<SealedValue[]> {
  const rows = await database.query<SealedRow>(sqlOf(kind), [[...keyIds], fromId, limit]);
  return rows.map(({ id, version, month, year, keyId, bytes }) => ({
    id,
    version,
    expiration: month === null || year === null ? null : { month, year },
    sealed: { keyId, bytes },
  }));
}

interface SealedRow {
  readonly id: string;
  readonly version: number | null;
  readonly month: number | null;
  readonly year: number | null;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

function sqlOf(kind: SealedKind): string {
  const { table, id, keyId, sealed, version = "null::int", expiration } = sealedPlaces[kind];
  const { month, year } = expiration ?? { month: "null::int", year: "null::int" };
  return `
    select
      ${id} as id, ${version} as version, ${month} as month, ${year} as year, ${keyId} as "keyId", ${sealed} as bytes
    from ${table}
    where ${keyId} = any ($1::text[]) and ${id} >= $2
    order by ${keyId}, ${id}
    limit $3`;
}
