import { LinchpinError } from "@linchpin/core";
import { examinePostgres, type PostgresExamination } from "@linchpin/store";
import type { Deployment } from "./examine.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

const oldestVersion = 15;
const tolerableSkewMs = 2_000;
const poolSize = 10;

/** Whether it is there, durable, private, in time and up to date. Returns whether its tables can be read. */
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
  return pending === 0;
}

function version({ versionNumber }: PostgresExamination): Finding {
  const major = Math.floor(versionNumber / 10_000);
  if (major >= oldestVersion) return good("database", `is PostgreSQL ${major}`);
  return bad("database", `is PostgreSQL ${major}`, `take ${oldestVersion} or later`);
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
