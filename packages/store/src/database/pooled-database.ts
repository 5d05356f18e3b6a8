import { createHash } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import { Pool, type PoolClient, type PoolConfig, type QueryConfig } from "pg";
import { type Database, type Queryable, throwDatabaseError } from "./database.ts";
import { Pipelines } from "./pipelines.ts";
import { runPrepared } from "./prepared-query.ts";
import { getTypeParser } from "./type-parsers.ts";

/**
 * Has a prepared statement planned once and not each time. PostgreSQL would plan a statement over arrays again for each
 * group, because it takes a plan that does not know how long they are for a more expensive one.
 */
export const keepPlans = "set plan_cache_mode = force_generic_plan";

/** `statement_timeout` is kept by the server, which cannot keep it when it has stopped answering: then the driver gives up. */
export const answerLateMs = 1_000;

/**
 * A database on a connection pool of the pg driver. With `pipeline`, single statements share connections (see
 * `Pipelines`) and are prepared once for each connection, because waiting for a connection and planning a statement
 * cost more than running it.
 */
export function openPooledDatabase(config: PoolConfig & { readonly pipeline: boolean }): Database {
  const nameOf = config.pipeline ? statementName : () => undefined;
  const pool = new Pool({ ...config, types: { getTypeParser } });
  // The pool has removed the idle connection that broke. The next statement opens another.
  pool.on("error", () => {});
  const pipelines = new Pipelines(pool, isUnavailable);
  const withClient = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    pipelines.releaseIdle();
    const client = await pool.connect().catch(throwDatabaseError);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // After an error of the statement itself the connection is usable. After `unavailable` it may not be.
      client.release(isUnavailable(error));
      throw error;
    }
  };
  const queryIn = (sql: string, parameters?: readonly unknown[]) => (client: PoolClient) =>
    queryableOf(client, nameOf).query<never>(sql, parameters);

  return {
    query: config.pipeline
      ? (sql, parameters) => pipelines.run(queryIn(sql, parameters)).catch(throwDatabaseError)
      : (sql, parameters) => withClient(queryIn(sql, parameters)),
    execute: (script) => withClient((client) => queryableOf(client, nameOf).execute(script)),
    transaction: (work, statementTimeoutMs) =>
      withClient((client) => {
        // An embedded database has none.
        const timeoutMs = config.query_timeout === undefined ? undefined : statementTimeoutMs;
        return inTransaction(queryableOf(client, nameOf, timeoutMs), work, timeoutMs);
      }),
    close: () => {
      pipelines.releaseIdle();
      return pool.end();
    },
  };
}

function queryableOf(
  client: PoolClient,
  nameOf: (sql: string) => string | undefined,
  statementTimeoutMs?: number,
): Queryable {
  const timeouts = statementTimeoutMs === undefined ? {} : { query_timeout: statementTimeoutMs + answerLateMs };
  const run = (statement: QueryConfig) => client.query({ ...statement, ...timeouts }).catch(throwDatabaseError);
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) => {
      const name = nameOf(text);
      if (name === undefined) return (await run({ text, values: [...values] })).rows;
      return runPrepared<Row>(client, { name, text, values }).catch(throwDatabaseError);
    },
    execute: async (text) => {
      await run({ text });
    },
  };
}

const statementNames = new Map<string, string>();

/** A name for each SQL text. The map stays small, because no SQL text contains values. */
function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(sql).digest("hex").slice(0, 32);
  statementNames.set(sql, name);
  return name;
}

async function inTransaction<T>(
  queryable: Queryable,
  work: (queryable: Queryable) => Promise<T>,
  statementTimeoutMs: number | undefined,
): Promise<T> {
  const setTimeouts = statementTimeoutMs === undefined ? "" : `; set local statement_timeout = ${statementTimeoutMs}`;
  await queryable.execute(`begin${setTimeouts}`);
  try {
    const result = await work(queryable);
    await queryable.execute("commit");
    return result;
  } catch (error) {
    if (!isUnavailable(error)) await queryable.execute("rollback");
    throw error;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "unavailable";
}
