import { listPendingMigrations } from "./migrate.ts";
import { openPostgresDatabase, type PostgresSettings } from "./postgres-database.ts";

/** What `linchpin doctor` is told of a PostgreSQL server. */
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
}

/**
 * Examines a database. It changes nothing.
 *
 * @throws LinchpinError `settings_invalid`, `unavailable` as `openPostgresStore`
 */
export async function examinePostgres(settings: PostgresSettings): Promise<PostgresExamination> {
  const database = openPostgresDatabase({ ...settings, maxConnections: 1 });
  try {
    const [found] = await database.query<Omit<PostgresExamination, "pendingMigrations">>(sql);
    if (found === undefined) throw new Error("a select without from has one row");
    return { ...found, pendingMigrations: await listPendingMigrations(database) };
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
