import { LinchpinError } from "@linchpin/core";
import { Client, type ClientBase } from "pg";
import { throwDatabaseError } from "./database.ts";

/**
 * What the statements and the parsing of their results rely on. A configuration, a database or a role may begin its
 * sessions with other values.
 */
const requiredSettings: readonly { name: string; value: string; fits: RegExp }[] = [
  { name: "array_nulls", value: "on", fits: /^on$/ },
  { name: "bytea_output", value: "hex", fits: /^hex$/ },
  { name: "datestyle", value: "ISO", fits: /^ISO\b/ },
  { name: "default_transaction_isolation", value: "read committed", fits: /^read committed$/ },
  { name: "standard_conforming_strings", value: "on", fits: /^on$/ },
];

/** Not set alike in every session: a database has a statement timeout of its own, and a search path is set only where none of its schemas exists. */
const statementTimeout = { name: "statement_timeout", value: "0", fits: /^(0|[0-9]{4,})$/ };
const searchPath = { name: "search_path", value: "public" };

/**
 * The statements that begin a session, as one script. They are no start-up parameters, because PgBouncer refuses start-up
 * parameters that it does not know.
 */
export const beginSession = [
  ...requiredSettings.map(({ name, value }) => `set ${name} = '${value}'`),
  `select set_config('${searchPath.name}', '${searchPath.value}', false) where current_schema() is null`,
].join("; ");

/** How a session of a PostgreSQL server begins, before anything is set. */
export interface SessionDefaults {
  /** Whether a pooler stands between: what a session sets can be lost there before the next statement. */
  readonly isPooled: boolean;
  /** Whether nothing can be written: a standby, or a `default_transaction_read_only`. */
  readonly isReadOnly: boolean;
  /** What sessions begin with and the issuer can not work with, as SQL that mends it. */
  readonly unfit: readonly { readonly name: string; readonly value: string; readonly mendSql: string }[];
}

/**
 * Looks at how sessions begin, in one of its own. It changes nothing.
 * @throws LinchpinError `unavailable` when the database cannot be reached
 */
export async function examineSessionDefaults(url: string, connectionTimeoutMs: number): Promise<SessionDefaults> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectionTimeoutMs });
  // A lost connection fails the query as well.
  client.on("error", () => {});
  try {
    await client.connect();
    return await examineSession(client);
  } catch (error) {
    throwDatabaseError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Refuses a database that the issuer cannot serve from, by a session in which nothing was set yet.
 * @throws LinchpinError `settings_invalid` where a pooler would lose what a session has to set; `unavailable` where the
 *   database is read-only; the driver's error
 */
export async function checkSession(client: ClientBase): Promise<void> {
  const { isPooled, isReadOnly, unfit } = await examineSession(client);
  if (isReadOnly) throw new LinchpinError("unavailable", { reason: readOnlyReason });
  const [first] = unfit;
  if (!isPooled || first === undefined) return;
  throw new LinchpinError("settings_invalid", {
    reason:
      `the database begins sessions with ${first.name} = ${first.value}, and the pooler in front of it loses what the ` +
      `issuer sets instead. Run: ${unfit.map(({ mendSql }) => mendSql).join("; ")}. Then restart the pooler`,
  });
}

async function examineSession(client: ClientBase): Promise<SessionDefaults> {
  const { rows } = await client.query<Found>(sql, [[...requiredSettings, statementTimeout].map(({ name }) => name)]);
  const found = rows[0];
  if (found === undefined) throw new Error("a select without from has one row");
  // A pooler hands out keys for cancelling of its own.
  const { processID } = client as unknown as { processID: number };
  return { isPooled: found.processId !== processID, isReadOnly: found.isReadOnly, unfit: unfitOf(found) };
}

export const readOnlyReason = "the database is read-only: a standby, or default_transaction_read_only is on";

interface Found {
  readonly processId: number;
  readonly isReadOnly: boolean;
  readonly hasSchema: boolean;
  readonly role: string;
  readonly defaults: Readonly<Record<string, string>>;
}

const sql = `
select
  pg_backend_pid() as "processId",
  current_setting('transaction_read_only')::bool as "isReadOnly",
  current_schema() is not null as "hasSchema",
  quote_ident(current_user) as role,
  (select jsonb_object_agg(lower(name), reset_val) from pg_settings where lower(name) = any($1)) as defaults`;

function unfitOf({ defaults, hasSchema, role }: Found): SessionDefaults["unfit"] {
  const mend = (name: string, value: string) => `alter role ${role} set ${name} = '${value}'`;
  const settings = [...requiredSettings, statementTimeout].flatMap(({ name, value, fits }) => {
    const found = defaults[name] ?? "";
    return fits.test(found) ? [] : [{ name, value: found, mendSql: mend(name, value) }];
  });
  if (hasSchema) return settings;
  const { name, value } = searchPath;
  return [...settings, { name, value: "no schema that exists", mendSql: mend(name, value) }];
}
