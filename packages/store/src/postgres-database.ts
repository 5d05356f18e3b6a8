import { createHash } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import { Pool, type PoolClient, type QueryConfig, types } from "pg";
import { type Database, databaseError, type Queryable } from "./database.ts";
import { Pipelines } from "./pipelines.ts";

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
  const prepares = settings.prepareStatements ?? true;
  const nameOf = prepares ? statementName : () => undefined;
  const pool = new Pool({
    connectionString: checkUrl(settings.url),
    max: settings.maxConnections ?? 10,
    connectionTimeoutMillis: settings.connectionTimeoutMs ?? 5_000,
    // A server that has gone silent can not time out its own statements.
    query_timeout: statementTimeoutMs + 1_000,
    keepAlive: true,
    pipeline: prepares,
    types: { getTypeParser },
    // Not among the start-up parameters: PgBouncer refuses those it does not know.
    onConnect: async (client) => {
      await client.query(`set statement_timeout = ${statementTimeoutMs}`);
    },
  });
  // An idle connection that breaks has left the pool already; the next statement opens another.
  pool.on("error", () => {});
  const pipelines = new Pipelines(pool, isUnavailable);
  const withClient = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    pipelines.returnDry();
    const client = await pool.connect().catch(throwDatabaseError);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // A refused statement leaves the connection sound; anything else may not.
      client.release(isUnavailable(error));
      throw error;
    }
  };
  const queryIn = (sql: string, parameters?: readonly unknown[]) => (client: PoolClient) =>
    queryableOf(client, nameOf).query<never>(sql, parameters);

  return {
    query: prepares
      ? (sql, parameters) => pipelines.run(queryIn(sql, parameters)).catch(throwDatabaseError)
      : (sql, parameters) => withClient(queryIn(sql, parameters)),
    execute: (script) => withClient((client) => queryableOf(client, nameOf).execute(script)),
    transaction: (work) => withClient((client) => inTransaction(queryableOf(client, nameOf), work)),
    close: () => {
      pipelines.returnDry();
      return pool.end();
    },
  };
}

function checkUrl(url: string): string {
  // The parser of pg quotes the URL, password and all, in its error.
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new LinchpinError("settings_invalid", { reason: "the database URL is not of the form postgres://…" });
  }
  return url;
}

function queryableOf(client: PoolClient, nameOf: (sql: string) => string | undefined): Queryable {
  const run = (statement: QueryConfig) => client.query(statement).catch(throwDatabaseError);
  return {
    query: async (text, parameters = []) => {
      const name = nameOf(text);
      return (await run({ text, values: [...parameters], ...(name === undefined ? {} : { name }) })).rows;
    },
    execute: async (text) => {
      await run({ text });
    },
  };
}

const statementNames = new Map<string, string>();

/** One text, one name: there are as many as there are files of queries. */
function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(sql).digest("hex").slice(0, 32);
  statementNames.set(sql, name);
  return name;
}

async function inTransaction<T>(queryable: Queryable, work: (queryable: Queryable) => Promise<T>): Promise<T> {
  await queryable.execute("begin");
  try {
    const result = await work(queryable);
    await queryable.execute("commit");
    return result;
  } catch (error) {
    if (!isUnavailable(error)) await queryable.execute("rollback");
    throw error;
  }
}

function throwDatabaseError(error: unknown): never {
  throw databaseError(error);
}

function isUnavailable(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "unavailable";
}

const int8 = 20;
const bytea = 17;

function getTypeParser(oid: number, format?: "text" | "binary") {
  if (oid === int8) return BigInt;
  if (oid === bytea) return (text: string) => new Uint8Array(Buffer.from(text.slice("\\x".length), "hex"));
  return types.getTypeParser(oid, format as "text");
}
