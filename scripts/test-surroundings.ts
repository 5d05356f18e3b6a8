import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedChromiumVariable, startDebians } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { createTemplate, sharedPostgresVariable } from "@linchpin/test-fixtures/databases/postgres";
import { startPostgresCluster } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { sharedKeyPairsVariable } from "@linchpin/test-fixtures/issuer/shared-key-pairs";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";

/** What all files of a run share. Processes that are started later find it in the environment. */
export interface TestSurroundings {
  /** For temporary files; removed at the end. */
  readonly folder: string;
  remove(): Promise<void>;
}

export async function openTestSurroundings(): Promise<TestSurroundings> {
  // Without, each of hundreds of processes strips and compiles the same sources.
  process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../node_modules/.cache/linchpin/compiled");
  // A run within a run shares what is there.
  if (process.env[sharedPostgresVariable] !== undefined) return { folder: tmpdir(), remove: async () => {} };
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), "linchpin-tests-"));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user.
  process.env["TMPDIR"] = folder;
  process.env[sharedKeyPairsVariable] = join(folder, "key-pairs");
  mkdirSync(join(folder, "key-pairs"), { mode: 0o700 });
  // What is in memory would stay there.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const stops = await Promise.all([sharePostgres(), shareChromium()]);
  return {
    folder,
    remove: async () => {
      for (const stop of stops) await stop();
    },
  };
}

async function sharePostgres(): Promise<() => Promise<void>> {
  const postgres = await startPostgresCluster();
  process.env[sharedPostgresVariable] = postgres.urlOf("postgres");
  await createTemplate(postgres.urlOf("postgres"));
  return postgres.stop;
}

/** Tests that need a Chromium name its package where there is none. */
async function shareChromium(): Promise<() => Promise<void>> {
  if (needsProgram(["chromium", "--version"], "chromium") !== false) return async () => {};
  const { browser, close } = await startDebians("chromium");
  const url = browser.wsEndpoint();
  process.env[sharedChromiumVariable] = url;
  // A client attaches to every page of every file, and each page would wait for this one too.
  await browser.disconnect();
  return close;
}

const neededBytes = 3 * 1024 ** 3;

/** Tests copy databases of a thousand files: on a disk that takes ten times as long. Null: no room in memory. */
function memoryFolder(): string | null {
  const folder = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= neededBytes ? folder : null;
  } catch {
    return null;
  }
}
