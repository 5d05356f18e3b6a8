import { LinchpinError } from "@linchpin/core";
import type { Database } from "./database.ts";
import { answerLateMs, keepPlans, openPooledDatabase } from "./pooled-database.ts";
import { beginSession, checkSession } from "./session.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`, with `?sslmode=` and the like. */
  readonly url: string;
  /** Default 10. When all are in use, a transaction waits `connectionTimeoutMs` for one. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, whether a new one is opened or one in use becomes free. Default 5,000. */
  readonly connectionTimeoutMs?: number;
  /** How long a statement may take. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /**
   * Whether statements are prepared and pipelined. Planning a statement costs more than running it. Default true.
   * Set it to false behind a PgBouncer older than 1.21 in transaction mode: it loses prepared statements, and answers
   * to pipelined statements.
   */
  readonly prepareStatements?: boolean;
}

/**
 * @param settings `checksSessions`: looks at how the first session begins, and refuses a database that the issuer cannot
 *   serve from: each statement is then rejected with `settings_invalid` where a pooler would lose what a session has to
 *   set, with `unavailable` where the database is read-only
 * @throws LinchpinError `settings_invalid` when the URL is not a PostgreSQL URL.
 */
export function openPostgresDatabase(settings: PostgresSettings & { readonly checksSessions?: boolean }): Database {
  const statementTimeoutMs = settings.statementTimeoutMs ?? 10_000;
  let isToCheck = settings.checksSessions ?? false;
  return openPooledDatabase({
    connectionString: checkUrl(settings.url),
    max: settings.maxConnections ?? 10,
    connectionTimeoutMillis: settings.connectionTimeoutMs ?? 5_000,
    query_timeout: statementTimeoutMs + answerLateMs,
    keepAlive: true,
    pipeline: settings.prepareStatements ?? true,
    onConnect: async (client) => {
      if (isToCheck) await checkSession(client);
      isToCheck = false;
      await client.query(`${beginSession}; set statement_timeout = ${statementTimeoutMs}; ${keepPlans}`);
    },
  });
}

/** @throws LinchpinError `settings_invalid` */
function checkUrl(url: string): string {
  // Without ports, "a,b" is a host name to the parser of URLs.
  if (/^postgres(ql)?:\/\/([^/?#]*@)?[^/?#@]*,[^/?#@]*([/?#]|$)/.test(url))
    throw new LinchpinError("settings_invalid", {
      reason: "the database URL names several hosts: it takes one, an address that follows the primary",
    });
  // Checked here because the parser of pg quotes the URL with its password in its error.
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new LinchpinError("settings_invalid", { reason: "the database URL is not of the form postgres://…" });
  return url;
}
