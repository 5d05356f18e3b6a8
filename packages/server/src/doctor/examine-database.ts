import { LinchpinError } from "@linchpin/core";
import { examinePostgres, type PostgresExamination, type SchemaDifference } from "@linchpin/store";
import type { Deployment } from "./examine.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

const oldestVersion = 15;
const tolerableSkewMs = 2_000;
const poolSize = 10;

/** Whether it is there, durable, private, in time and up to date. Returns whether the issuer would start on it. */
export async function* examineDatabase({ settings, clock }: Deployment): AsyncGenerator<Finding, boolean> {
  let found: PostgresExamination;
  const askedAt = clock().getTime();
  try {
    found = await examinePostgres({ url: settings.databaseUrl ?? "", prepareStatements: false });
  } catch (error) {
    const reason = error instanceof LinchpinError ? (error.reason ?? error.code) : "it does not answer";
    yield bad("database", reason, "check LINCHPIN_DATABASE_URL, and that PostgreSQL runs and lets this machine in");
    return false;
  }
  yield version(found);
  yield access(found);
  yield* sessions(found, settings.databasePrepare);
  yield durability(found);
  yield privacy(found, settings.databaseUrl ?? "");
  yield time(found, askedAt, clock().getTime());
  yield found.isSuperuser
    ? warning("database role", "is a superuser", "give the issuer a role that owns its database and no more")
    : good("database role", "is no superuser");
  if (found.maxConnections < 2 * poolSize)
    yield warning("connections", `PostgreSQL takes ${found.maxConnections}`, `each server opens up to ${poolSize}`);
  const pending = found.pendingMigrations.length;
  if (pending === 0) yield good("migrations", "are all applied");
  else yield warning("migrations", `${pending} are to be applied`, "linchpin migrate; serve does so too");
  if (found.schemaDifference !== null) yield schema(found.schemaDifference);
  const { isReadOnly, isPooled, unfit } = found.session;
  return found.schemaDifference?.missing.length === 0 && !isReadOnly && !(isPooled && unfit.length > 0);
}

function version({ versionNumber }: PostgresExamination): Finding {
  const major = Math.floor(versionNumber / 10_000);
  if (major >= oldestVersion) return good("database", `is PostgreSQL ${major}`);
  return bad("database", `is PostgreSQL ${major}`, `take ${oldestVersion} or later`);
}

function access({ session }: PostgresExamination): Finding {
  if (!session.isReadOnly) return good("writing", "the database can be written to");
  return bad(
    "writing",
    "the database is read-only: a standby, or default_transaction_read_only is on",
    "name the primary in LINCHPIN_DATABASE_URL, or reset that setting",
  );
}

/** What a session begins with matters behind a pooler alone: elsewhere the issuer sets it. */
function* sessions({ session }: PostgresExamination, prepareStatements: boolean): Generator<Finding> {
  const { isPooled, unfit } = session;
  if (!isPooled) return yield good("pooler", "none stands in front of the database");
  if (prepareStatements)
    yield warning(
      "pooler",
      "one stands in front of the database, and LINCHPIN_DATABASE_PREPARE is on",
      "turn it off, unless the pooler keeps prepared statements (PgBouncer 1.21 or later with max_prepared_statements)",
    );
  else yield good("pooler", "one stands in front of the database, and statements are not prepared");
  for (const { name, value, mendSql } of unfit)
    yield bad(
      "sessions",
      `begin with ${name} = ${value}, which the issuer can not work with`,
      `${mendSql}; then restart the pooler`,
    );
}

function schema({ missing, unknown }: SchemaDifference): Finding {
  if (missing.length > 0)
    return bad(
      "schema",
      `lacks what the migrations made: ${some(missing)}`,
      "somebody altered the database: bring it back as it was, from a backup if rows may be gone",
    );
  if (unknown.length > 0)
    return warning("schema", `has what no migration made: ${some(unknown)}`, "see who made it, and why");
  return good("schema", "is as the migrations made it");
}

const shown = 3;

function some(lines: readonly string[]): string {
  const more = lines.length > shown ? `, and ${lines.length - shown} more` : "";
  return `${lines.slice(0, shown).join(", ")}${more}`;
}

function durability({ undurable }: PostgresExamination): Finding {
  if (undurable.length === 0) return good("durability", "a commit survives a loss of power");
  return bad(
    "durability",
    `${undurable.join(", ")}: off`,
    "turn it on: what was confirmed to a cardholder could be lost",
  );
}

function privacy({ isSealed }: PostgresExamination, url: string): Finding {
  const { hostname } = new URL(url);
  if (isSealed) return good("database connection", "is sealed by TLS");
  if (/^(|localhost|127(\.[0-9]+){3}|\[::1\])$/.test(hostname)) return good("database connection", "is local");
  return warning("database connection", "is in clear", "add ?sslmode=verify-full to LINCHPIN_DATABASE_URL");
}

function time({ now }: PostgresExamination, from: number, to: number): Finding {
  const skewMs = Math.max(from - now.getTime(), now.getTime() - to, 0);
  if (skewMs <= tolerableSkewMs) return good("clocks", "this machine and the database agree");
  return warning("clocks", `differ by ${Math.round(skewMs / 1000)} s`, "synchronise both by NTP");
}
