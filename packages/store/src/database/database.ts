import { LinchpinError } from "@linchpin/core";

/**
 * A PostgreSQL database, on a server or embedded. Types of parameters and columns: bytea is `Uint8Array`, int8 is
 * `bigint`, timestamptz is `Date`, json columns are parsed, json parameters are text, smaller integers are `number`.
 *
 * @throws LinchpinError `unavailable` when the database cannot be reached, has no connection free, or is too slow: the
 *   statement may or may not have been committed. `conflict` when a unique constraint was violated. `request_invalid`
 *   when a text contains a NUL. `internal` for any other error of the database.
 */
export interface Database extends Queryable {
  /**
   * Runs `work` in a transaction: commits when `work` fulfils, rolls back when it rejects.
   * @param statementTimeoutMs of each of its statements, where a server's have one (default: that of all others)
   */
  transaction<T>(work: (queryable: Queryable) => Promise<T>, statementTimeoutMs?: number): Promise<T>;
  close(): Promise<void>;
}

export interface Queryable {
  /** Runs one statement and returns its rows. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs any number of statements, without parameters. */
  execute(script: string): Promise<void>;
}

/**
 * Throws an error of the driver as a `LinchpinError`. The driver's error is its `cause` only if it did not come from
 * the database, because PostgreSQL quotes rows in the details of its errors.
 */
export function throwDatabaseError(error: unknown): never {
  throw databaseError(error);
}

/**
 * Whether the error proves that nothing of its statement was committed. After a lost connection, a time-out or a
 * shutdown that is not known.
 */
export function isRolledBack(error: unknown): boolean {
  return rolledBack.has(error as LinchpinError);
}

const rolledBack = new WeakSet<LinchpinError>();

/**
 * Errors that the database reports while it runs a statement, and after which it has undone it: data (22), constraints
 * (23), serialization failure and deadlock (40, but for 40003: completion unknown), syntax and access (42), program
 * limits (54), lock timeout (55P03).
 */
const rollbackSqlStates = /^(22|23|40(?!003)|42|54|55P03)/;

function databaseError(error: unknown): LinchpinError {
  if (error instanceof LinchpinError) return error;
  const failure = failureOf(error as Record<string, unknown>);
  if (rollbackSqlStates.test(`${(error as { code?: unknown }).code}`)) rolledBack.add(failure);
  return failure;
}

function failureOf(error: Record<string, unknown>): LinchpinError {
  const { code, constraint, table, message } = error;
  // System errors have codes like ECONNREFUSED. No class of SQLSTATE begins with E.
  if (typeof code !== "string" || !/^[0-9FHPX][0-9A-Z]{4}$/.test(code)) {
    return new LinchpinError("unavailable", { reason: `no database: ${code ?? message}`, cause: error });
  }
  if (code === "23505") return new LinchpinError("conflict", { reason: `unique constraint ${constraint}` });
  if (code === "22021")
    return new LinchpinError("request_invalid", { reason: "text holds a character that no database text can" });
  if (lostStatementSqlStates.test(code))
    return new LinchpinError("settings_invalid", {
      reason: `SQLSTATE ${code}: a pooler in front loses prepared statements: set LINCHPIN_DATABASE_PREPARE=off, or take PgBouncer 1.21 or later with max_prepared_statements`,
    });
  if (transientSqlStates.test(code)) return new LinchpinError("unavailable", { reason: `SQLSTATE ${code}` });
  // Messages of class 42 quote only the text of the statement.
  const what = code.startsWith("42") ? message : `constraint ${constraint}, table ${table}`;
  return new LinchpinError("internal", { reason: `SQLSTATE ${code}: ${what}` });
}

/** A prepared statement that exists already (42P05), or that does not (26000). */
const lostStatementSqlStates = /^(42P05|26000)$/;

/**
 * Errors after which the same statement may succeed later: connection (08), a primary that became a replica (25006),
 * authentication (28), no such database (3D), serialization failure and deadlock (40), insufficient resources (53),
 * lock timeout (55P03), shutdown and statement timeout (57).
 */
const transientSqlStates = /^(08|25006|28|3D|40|53|55P03|57)/;
