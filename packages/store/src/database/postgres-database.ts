import { LinchpinError } from "@linchpin/core";
import type { Database } from "./database.ts";
import { openPooledDatabase } from "./pooled-database.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`, with `?sslmode=` and the like. */
  readonly url: string;
  /** Default 10. Statements beyond them queue for `connectionTimeoutMs`. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, a new one or one that another statement holds. Default 5,000. */
  readonly connectionTimeoutMs?: number;
  /** How long a statement may take. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /**
   * Whether a connection keeps the plans of its statements; planning costs more than running them. Default true.
   * False behind a PgBouncer older than 1.21 in transaction mode, which loses prepared statements, and answers to
   * statements that follow one another without waiting.
   */
  readonly prepareStatements?: boolean;
}

/** @throws LinchpinError `settings_invalid` when the URL is none of PostgreSQL. */
export function openPostgresDatabase(settings: PostgresSettings): Database {
  const statementTimeoutMs = settings.statementTimeoutMs ?? 10_000;
  return openPooledDatabase({
    connectionString: checkUrl(settings.url),
    max: settings.maxConnections ?? 10,
    connectionTimeoutMillis: settings.connectionTimeoutMs ?? 5_000,
    // A server that has gone silent can not time out its own statements.
    query_timeout: statementTimeoutMs + 1_000,
    keepAlive: true,
    pipeline: settings.prepareStatements ?? true,
    // Not among the start-up parameters: PgBouncer refuses those it does not know.
    onConnect: async (client) => {
      await client.query(`set statement_timeout = ${statementTimeoutMs}`);
    },
  });
}

function checkUrl(url: string): string {
  // The parser of pg quotes the URL, password and all, in its error.
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new LinchpinError("settings_invalid", { reason: "the database URL is not of the form postgres://…" });
  }
  return url;
}
