import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { KeyManifest } from "./records.ts";

/** The column is there only so that calls can share the statement: all of them ask for the same. */
export const findLastKeyManifest = groupedQuery<[], Row, KeyManifest | null>({
  columns: { asked: text(() => "") },
  sql: ({ item }) => `
with ${item},
last as materialized (select seq, jws, issued_at as "issuedAt" from key_manifests order by seq desc limit 1)
select item.number, last.* from item cross join last`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const { seq, jws, issuedAt } = row;
    return { seq: Number(seq), jws, issuedAt };
  },
});

interface Row extends ItemRow, Omit<KeyManifest, "seq"> {
  readonly seq: bigint;
}
