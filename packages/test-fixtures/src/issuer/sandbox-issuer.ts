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
  /** Keeps all that it stores in `dataFolder`, where the files are looked at, or what is tested is the embedded store. */
  readonly embedded?: boolean;
}

/**
 * `startIssuer` of `@linchpin/testing`, started sooner: on the PostgreSQL of the test run; where there is none, on a
 * copy of an embedded database. Its vault is the one under test.
 */
export async function startSandboxIssuer(options: SandboxOptions = {}): Promise<SandboxIssuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const database = await databaseFor(dataFolder, options);
  const isEmbedded = database === null && options.environment?.["LINCHPIN_DATABASE_URL"] === undefined;
  if (isEmbedded && !existsSync(join(dataFolder, "store"))) await placeEmptyDatabase(join(dataFolder, "store"));
  const environment = {
    ...(database === null ? {} : { LINCHPIN_DATABASE_URL: database.url }),
    ...vaultUnderTest(),
    ...options.environment,
  };
  const { embedded: _, ...own } = options;
  const issuer = await startIssuer({ keyPairs: keyPairsFor(dataFolder, options), ...own, dataFolder, environment });
  return {
    ...issuer,
    dataFolder,
    stop: async () => {
      await issuer.stop();
      if (options.dataFolder !== undefined) return;
      await database?.postgres.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

const keyPairsByStore = new Map<string, KeyPairSource>();

/** An issuer that starts again on its folder or database, or beside another on it, goes on with further key pairs. */
function keyPairsFor(dataFolder: string, { environment }: SandboxOptions): KeyPairSource {
  const store = environment?.["LINCHPIN_DATABASE_URL"] ?? dataFolder;
  const keyPairs = keyPairsByStore.get(store) ?? sharedKeyPairs();
  keyPairsByStore.set(store, keyPairs);
  return keyPairs;
}

interface Database {
  readonly url: string;
  readonly postgres: TestPostgres;
}

const databaseByFolder = new Map<string, Database>();

/** An issuer that starts again on its folder finds its database again, which goes with the cluster of the test run. */
async function databaseFor(dataFolder: string, { environment, embedded }: SandboxOptions): Promise<Database | null> {
  if (embedded || environment?.["LINCHPIN_DATABASE_URL"] !== undefined || !runsOnPostgres()) return null;
  const known = databaseByFolder.get(dataFolder);
  if (known !== undefined) return known;
  const postgres = await openTestPostgres();
  const database = { url: await postgres.createMigratedDatabase(), postgres };
  databaseByFolder.set(dataFolder, database);
  return database;
}
