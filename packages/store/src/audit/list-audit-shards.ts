import type { Queryable } from "../database/index.ts";
import type { AuditShard } from "./records.ts";

export function listAuditShards(database: Queryable): Promise<AuditShard[]> {
  return database.query<AuditShard>(sql);
}

const sql = `select shard, sequence, hash from audit_shards order by shard`;
