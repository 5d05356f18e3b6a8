import type { Queryable } from "../database/index.ts";
import type { KeyManifest } from "./records.ts";

export async function findLastKeyManifest(database: Queryable): Promise<KeyManifest | null> {
  const [last] = await database.query<Omit<KeyManifest, "seq"> & { seq: bigint }>(sql);
  return last === undefined ? null : { ...last, seq: Number(last.seq) };
}

const sql = `select seq, jws, issued_at as "issuedAt" from key_manifests order by seq desc limit 1`;
