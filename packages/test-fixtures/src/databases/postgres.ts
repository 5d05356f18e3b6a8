import { randomUUID } from "node:crypto";
import { migratePostgres } from "@linchpin/store";
import { Pool } from "pg";
import { execute, startPostgresCluster } from "./postgres-cluster.ts";

/** PostgreSQL for one test file. */
export interface TestPostgres {
  /** The URL of a fresh, empty database. */
  createDatabase(): Promise<string>;
  /** The URL of a fresh database that is migrated and holds nothing. */
  createMigratedDatabase(): Promise<string>;
  /** Drops the databases that it created. */
  stop(): Promise<void>;
}

/** `scripts/test.ts` starts one cluster for all files, and says here where: the URL of its database `postgres`. */
export const sharedPostgresVariable = "LINCHPIN_TEST_POSTGRES_URL";
/** `LINCHPIN_TEST_STORE=embedded` has tests that run on either store run on the embedded one, as they do by themselves. */
export function runsOnPostgres(): boolean {
  return process.env[sharedPostgresVariable] !== undefined && process.env["LINCHPIN_TEST_STORE"] !== "embedded";
}

const template = "linchpin_migrated";

/** In the cluster that the test run shares; in a cluster of its own where a file is run by itself. */
export async function openTestPostgres(): Promise<TestPostgres> {
  const shared = process.env[sharedPostgresVariable];
  if (shared !== undefined) return databasesIn(shared);
  const cluster = await startPostgresCluster();
  const own = cluster.urlOf("postgres");
  await createTemplate(own);
  return { ...databasesIn(own), stop: cluster.stop };
}

/** Makes the database that others are copied from: copying takes a tenth of the time that migrating takes. */
export async function createTemplate(url: string): Promise<void> {
  await execute(url, `create database ${template}`);
  await migratePostgres({ url: named(url, template) });
}

function databasesIn(url: string): TestPostgres {
  const created: string[] = [];
  const administration = administrationOf(url);
  const create = async (from: string) => {
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    await administration.query(`create database ${name}${from}`);
    created.push(name);
    return named(url, name);
  };
  return {
    createDatabase: () => create(""),
    // To copy files takes half of the time that it takes to write them to the log as well.
    createMigratedDatabase: () => create(` template ${template} strategy file_copy`),
    stop: async () => {
      for (const name of created) await administration.query(`drop database if exists ${name} with (force)`);
    },
  };
}

const administrations = new Map<string, Pool>();

/** One connection to a cluster that all files of a process share, as opening one takes longer than dropping a database. */
function administrationOf(url: string): Pool {
  const known = administrations.get(url);
  if (known !== undefined) return known;
  const opened = new Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true });
  opened.on("error", () => {}); // A file's own cluster stops before the process ends.
  administrations.set(url, opened);
  return opened;
}

function named(url: string, database: string): string {
  return url.replace(/[^/]*$/, database);
}
