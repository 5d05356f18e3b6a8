import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { Client } from "pg";
import { startPostgres } from "../postgres.ts";
import type { Scenario } from "../scenario.ts";

/** What sessions begin with, and how PostgreSQL then shows it. */
const hostileDefaults = [
  { name: "bytea_output", value: "escape", shown: "escape" },
  { name: "DateStyle", value: "German", shown: "German, DMY" },
  { name: "default_transaction_isolation", value: "serializable", shown: "serializable" },
  { name: "search_path", value: "", shown: '""' },
] as const;

export const hostileSessions: Scenario = {
  name: "hostile session defaults",
  about:
    "the issuer's role gets `bytea_output` escape, a German `DateStyle`, serializable transactions and an empty " +
    "`search_path`, for good; every connection is ended, so that all sessions begin with them, and one server is " +
    "killed and started again on them",
  lacking: () => false,
  prepare: async (folder, atEnd) => {
    const { url, stop } = await startPostgres(folder);
    atEnd(stop);
    for (const statement of ["create role issuer login", "create database issuer owner issuer"])
      await execute(url, statement);
    const issuerUrl = url.replace("test@", "issuer@").replace(/postgres$/, "issuer");
    return {
      databaseUrl: url.replace(/postgres$/, "issuer"),
      environmentOf: () => ({ LINCHPIN_DATABASE_URL: issuerUrl }),
      disturb: async (servers) => {
        for (const { name, value } of hostileDefaults) await execute(url, `alter role issuer set ${name} = '${value}'`);
        await execute(url, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'issuer'");
        await sleep(4_000);
        await servers.kill(1);
        await servers.restart(1);
        await sleep(4_000);
        for (const { name, shown } of hostileDefaults) {
          const found = await show(issuerUrl, name);
          if (found !== shown) throw new Error(`sessions begin with ${name} = ${found}`);
        }
        return "sessions began with all four";
      },
    };
  },
};

async function show(url: string, name: string): Promise<string | undefined> {
  const client = new Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string }>("select current_setting($1) as value", [name]);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}
