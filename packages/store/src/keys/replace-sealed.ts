import type { Queryable } from "../database/index.ts";
import type { Sealed } from "../records.ts";
import type { SealedKind, SealedValue } from "./records.ts";
import { sealedPlaces } from "./sealed-kinds.ts";

export async function replaceSealed(
  database: Queryable,
  kind: SealedKind,
  replacements: readonly { stored: SealedValue; sealed: Sealed }[],
): Promise<number> {
  const rows = replacements.map(({ stored, sealed }) => ({
    id: stored.id,
    version: stored.version,
    was: hexOf(stored.sealed.bytes),
    keyId: sealed.keyId,
    becomes: hexOf(sealed.bytes),
  }));
  const [row] = await database.query<{ replaced: number }>(sqlOf(kind), [JSON.stringify(rows)]);
  return row?.replaced ?? 0;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

// Each seal has a random IV, so no two have the same bytes. A value that still has the bytes that were read is
// unchanged.
function sqlOf(kind: SealedKind): string {
  const { table, id, keyId, sealed, version } = sealedPlaces[kind];
  const sameVersion = version === undefined ? "true" : `place.${version} = replacement.version`;
  return `
    with replacement as materialized (
      select id, version, decode(was, 'hex') as was, "keyId" as key_id, decode(becomes, 'hex') as becomes
      from jsonb_to_recordset($1::jsonb) as (id text, version int, was text, "keyId" text, becomes text)
    ),
    held as materialized (
      select replacement.*
      from ${table} place join replacement on place.${id} = replacement.id and ${sameVersion}
      where place.${sealed} = replacement.was
      for no key update of place skip locked
    ),
    replaced as (
      update ${table} place set ${keyId} = replacement.key_id, ${sealed} = replacement.becomes
      from held replacement
      where place.${id} = replacement.id and ${sameVersion}
      returning 1
    )
    select count(*)::int as replaced from replaced`;
}
