import { listPendingMigrations } from "./migrate.ts";
import { openPostgresDatabase, type PostgresSettings } from "./postgres-database.ts";
import { compareSchema, type SchemaDifference } from "./schema.ts";
import { examineSessionDefaults, type SessionDefaults } from "./session.ts";

/** What `linchpin doctor` reads from a PostgreSQL server. */
export interface PostgresExamination {
  /** `server_version_num`: 150018 is 15.18. */
  readonly versionNumber: number;
  /** Names of settings that are off, although a commit needs them to survive a power failure. */
  readonly undurable: readonly string[];
  /** Whether the connection is encrypted by TLS. */
  readonly isSealed: boolean;
  readonly isSuperuser: boolean;
  readonly maxConnections: number;
  /** The server's clock. */
  readonly now: Date;
  readonly pendingMigrations: readonly string[];
  /** How sessions begin: what a pooler would lose, and whether anything can be written. */
  readonly session: SessionDefaults;
  /** Null while migrations are to be applied. */
  readonly schemaDifference: SchemaDifference | null;
}

/**
 * Examines a database. It changes nothing.
 *
 * @throws LinchpinError `settings_invalid`, `unavailable` as `openPostgresStore`
 */
export async function examinePostgres(settings: PostgresSettings): Promise<PostgresExamination> {
  const database = openPostgresDatabase({ ...settings, maxConnections: 1 });
  type Columns = Omit<PostgresExamination, "pendingMigrations" | "session" | "schemaDifference">;
  try {
    const [found] = await database.query<Columns>(sql);
    if (found === undefined) throw new Error("a select without from has one row");
    const pendingMigrations = await listPendingMigrations(database);
    const schemaDifference = pendingMigrations.length > 0 ? null : await compareSchema(database);
    const session = await examineSessionDefaults(settings.url, settings.connectionTimeoutMs ?? 5_000);
    return { ...found, pendingMigrations, session, schemaDifference };
  } finally {
    await database.close();
  }
}

const sql = `
select
  current_setting('server_version_num')::int as "versionNumber",
  array(
    select name from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
    order by name
  ) as undurable,
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "isSealed",
  (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
  current_setting('max_connections')::int as "maxConnections",
  clock_timestamp() as now`;
