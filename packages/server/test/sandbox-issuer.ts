import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxFactory } from "@linchpin/sandbox";
import { readSettings, type Server, serve } from "@linchpin/server";
import pino from "pino";
import { placeEmptyDatabase } from "../../store/test/empty-database.ts";
import { openTestPostgres, runsOnPostgres, type TestPostgres } from "../../store/test/postgres.ts";
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

/** Stores on the PostgreSQL of the test run, which starts sooner than an embedded one; where there is none, embedded. */
export async function startSandboxIssuer(options: SandboxOptions = {}): Promise<SandboxIssuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const postgres = await postgresFor(options);
  const isEmbedded = postgres === null && options.environment?.["LINCHPIN_DATABASE_URL"] === undefined;
  if (isEmbedded && !existsSync(join(dataFolder, "store"))) await placeEmptyDatabase(join(dataFolder, "store"));
  const settings = readSettings({
    LINCHPIN_MODE: "sandbox",
    LINCHPIN_PORT: "0",
    LINCHPIN_DATA: dataFolder,
    ...(postgres === null ? {} : { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() }),
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
      await postgres?.stop();
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** What is stored in a folder that is looked at, or comes again, is embedded. */
async function postgresFor({ environment, dataFolder, embedded }: SandboxOptions): Promise<TestPostgres | null> {
  const isChosen = dataFolder !== undefined || embedded || environment?.["LINCHPIN_DATABASE_URL"] !== undefined;
  return isChosen || !runsOnPostgres() ? null : openTestPostgres();
}
