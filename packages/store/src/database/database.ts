import { LinchpinError } from "@linchpin/core";

/**
 * One PostgreSQL, wherever it runs. Parameters and columns: bytea is `Uint8Array`, int8 `bigint`, timestamptz `Date`,
 * json parsed, text and the smaller integers as they are; a json parameter is passed as its text.
 *
 * @throws LinchpinError `unavailable` when the database can not be reached, is out of connections or too slow: what
 *   was sent may or may not have been done. `conflict` when a unique constraint was violated. `request_invalid` for
 *   text with a NUL in it. `internal` for any other refusal by the database.
 */
export interface Database extends Queryable {
  /** Commits when `work` is fulfilled, rolls back when it rejects. */
  transaction<T>(work: (queryable: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Queryable {
  /** One statement. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Any number of statements, without parameters or rows. */
  execute(script: string): Promise<void>;
}

/**
 * Throws what the driver threw, as an error of the house. The driver's own error is kept only where the database had no part
 * in it: PostgreSQL quotes rows in its details.
 */
export function throwDatabaseError(error: unknown): never {
  throw databaseError(error);
}

function databaseError(error: unknown): LinchpinError {
  if (error instanceof LinchpinError) return error;
  const { code, constraint, table, message } = error as Record<string, unknown>;
  // No class of SQLSTATE begins with E; the names of system errors do.
  if (typeof code !== "string" || !/^[0-9FHPX][0-9A-Z]{4}$/.test(code)) {
    return new LinchpinError("unavailable", { reason: `no database: ${code ?? message}`, cause: error });
  }
  if (code === "23505") return new LinchpinError("conflict", { reason: `unique constraint ${constraint}` });
  if (code === "22021")
    return new LinchpinError("request_invalid", { reason: "text holds a character that no database text can" });
  if (transientSqlStates.test(code)) return new LinchpinError("unavailable", { reason: `SQLSTATE ${code}` });
  // Class 42 speaks about the text of the statement alone.
  const what = code.startsWith("42") ? message : `constraint ${constraint}, table ${table}`;
  return new LinchpinError("internal", { reason: `SQLSTATE ${code}: ${what}` });
}

/**
 * Connection (08), a primary that became a replica (25006), authentication (28), no such database (3D), serialization
 * and deadlock (40), resources (53), lock timeout (55P03), shutdown and statement timeout (57).
 */
const transientSqlStates = /^(08|25006|28|3D|40|53|55P03|57)/;
