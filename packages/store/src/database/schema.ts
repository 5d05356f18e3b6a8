import { readFile } from "node:fs/promises";
import type { Queryable } from "./database.ts";

/**
 * The schema of this session, one line an object, sorted: columns with their types, constraints and indexes with their
 * definitions. The same lines from every version of PostgreSQL that is supported.
 */
export async function describeSchema(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ line: string }>(sql);
  return rows.map(({ line }) => line).sort();
}

/** What the schema that the migrations make has and this database lacks, and what is in its tables beyond that. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}

export async function compareSchema(database: Queryable): Promise<SchemaDifference> {
  const expected: string[] = JSON.parse(await readFile(schemaFile, "utf8"));
  const found = await describeSchema(database);
  return {
    missing: expected.filter((line) => !found.includes(line)),
    unknown: found.filter((line) => !expected.includes(line)),
  };
}

/** What `describeSchema` returns after all migrations. A test makes it. The path is the same from `dist/database`. */
export const schemaFile = new URL("../../migrations/schema.json", import.meta.url);

// PostgreSQL 18 lists `not null` among the constraints (contype n), earlier versions do not.
const sql = `
with tables as (
  select oid, relname from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
)
select format('column %s.%s %s%s%s', relname, attname, format_type(atttypid, atttypmod),
    case when attnotnull then ' not null' else '' end, case when atthasdef then ' default' else '' end) as line
  from tables join pg_attribute on attrelid = tables.oid
  where attnum > 0 and not attisdropped
union all
select format('constraint %s on %s %s', conname, relname, pg_get_constraintdef(pg_constraint.oid, true))
  from tables join pg_constraint on conrelid = tables.oid
  where contype in ('p', 'u', 'f', 'c')
union all
select pg_get_indexdef(indexrelid, 0, true) || case when indisvalid then '' else ' invalid' end
  from tables join pg_index on indrelid = tables.oid`;
