import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Issuer, type IssuerOptions, startIssuer } from "@linchpin/testing";
import { placeEmptyDatabase } from "../databases/empty-database.ts";
import { openTestPostgres, runsOnPostgres, type TestPostgres } from "../databases/postgres.ts";
import { type KeyPairSource, sharedKeyPairs } from "./shared-key-pairs.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

export interface SandboxIssuer extends Issuer {
  readonly dataFolder: string;
}

export interface SandboxOptions extends IssuerOptions {
  /** Keeps all that it stores in `dataFolder`. */
  readonly embedded?: boolean;
}

/**
 * `startIssuer` of `@linchpin/testing`, started sooner: on the PostgreSQL of the test run; where there is none, on a
 * copy of an embedded database. Its vault is the one under test.
 */
export async function startSandboxIssuer(options: SandboxOptions = {}): Promise<SandboxIssuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const postgres = await postgresFor(options);
  const isEmbedded = postgres === null && options.environment?.["LINCHPIN_DATABASE_URL"] === undefined;
  if (isEmbedded && !existsSync(join(dataFolder, "store"))) await placeEmptyDatabase(join(dataFolder, "store"));
  const environment = {
    ...(postgres === null ? {} : { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() }),
    ...vaultUnderTest(),
    ...options.environment,
  };
  const issuer = await startIssuer({ ...keyPairsFor(dataFolder, options), ...options, dataFolder, environment });
  return {
    ...issuer,
    dataFolder,
    stop: async () => {
      await issuer.stop();
      await postgres?.stop();
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

const keyPairsByFolder = new Map<string, KeyPairSource>();

/** An issuer that starts again on its folder goes on with further key pairs. A database that a test brings may hold some. */
function keyPairsFor(dataFolder: string, { environment }: SandboxOptions): { keyPairs?: KeyPairSource } {
  if (environment?.["LINCHPIN_DATABASE_URL"] !== undefined) return {};
  const keyPairs = keyPairsByFolder.get(dataFolder) ?? sharedKeyPairs();
  keyPairsByFolder.set(dataFolder, keyPairs);
  return { keyPairs };
}

/** What is stored in a folder that is looked at, or comes again, is embedded. */
async function postgresFor({ environment, dataFolder, embedded }: SandboxOptions): Promise<TestPostgres | null> {
  const isChosen = dataFolder !== undefined || embedded || environment?.["LINCHPIN_DATABASE_URL"] !== undefined;
  return isChosen || !runsOnPostgres() ? null : openTestPostgres();
}
