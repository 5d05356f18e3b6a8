import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxFactory } from "@linchpin/sandbox";
import { readSettings, type Server, serve } from "@linchpin/server";
import pino from "pino";
import { placeEmptyDatabase } from "../databases/empty-database.ts";
import { openTestPostgres, runsOnPostgres, type TestPostgres } from "../databases/postgres.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A sandbox of its own, on a port of its own, in a folder that goes with it. */
export interface SandboxIssuer {
  readonly url: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  readonly environment?: Record<string, string>;
  /** A folder that stays, for an issuer that is started on it again. */
  readonly dataFolder?: string;
  /** Keeps all that it stores in `dataFolder`. */
  readonly embedded?: boolean;
  readonly clock?: () => Date;
  readonly log?: pino.Logger;
}

/** Stores in PostgreSQL where the test run has one, as that starts sooner than the embedded store. */
export async function startSandboxIssuer(options: SandboxOptions = {}): Promise<SandboxIssuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const ownUrl = options.environment?.["LINCHPIN_DATABASE_URL"];
  const database = ownUrl === undefined && !options.embedded && runsOnPostgres() ? await databaseFor(dataFolder) : null;
  if (ownUrl === undefined && database === null && !existsSync(join(dataFolder, "store")))
    await placeEmptyDatabase(join(dataFolder, "store"));
  const settings = readSettings({
    LINCHPIN_MODE: "sandbox",
    LINCHPIN_PORT: "0",
    LINCHPIN_DATA: dataFolder,
    ...(database === null ? {} : { LINCHPIN_DATABASE_URL: database.url }),
    ...vaultUnderTest(),
    ...options.environment,
  });
  const server: Server = await serve(settings, {
    sandbox: sandboxFactory,
    log: options.log ?? pino({ level: "silent" }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return {
    url: server.url,
    dataFolder,
    stop: async () => {
      await server.close();
      if (options.dataFolder !== undefined) return;
      await database?.postgres.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** By data folder, as an issuer that is started again on its folder finds its database again. */
const databases = new Map<string, { postgres: TestPostgres; url: string }>();

async function databaseFor(dataFolder: string): Promise<{ postgres: TestPostgres; url: string }> {
  const known = databases.get(dataFolder);
  if (known !== undefined) return known;
  const postgres = await openTestPostgres();
  const made = { postgres, url: await postgres.createMigratedDatabase() };
  databases.set(dataFolder, made);
  return made;
}
