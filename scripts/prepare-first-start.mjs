// Does once, after `npm ci`, what each first start would do again: it makes an empty database and one bundle of all
// sources, and starts a sandbox in memory, which leaves its modules compiled. Without any of them, a start works and
// takes longer. An old Node refuses the TypeScript, which is therefore imported in the `try` alone.
import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

async function startOnce() {
  // As in package.json: what is compiled under other flags, V8 compiles again.
  const flags = ["--conditions=linchpin-source", "--min-semi-space-size=16"];
  const server = spawn(process.execPath, [...flags, join(root, "scripts/start.ts")], {
    cwd: root,
    env: {
      LINCHPIN_MODE: "sandbox",
      LINCHPIN_DATA: "memory:",
      LINCHPIN_PORT: "0",
      LINCHPIN_LOG_LEVEL: "silent",
    },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 60_000,
  });
  server.stdout.once("data", () => server.kill("SIGTERM"));
  await new Promise((resolve, reject) => server.once("close", resolve).once("error", reject));
}

async function makeDatabase() {
  const { makeEmptyDatabase } = await import("./make-empty-database.ts");
  await makeEmptyDatabase("archive");
}

/** Without the packages of development, there is no bundler. */
async function makeBundle() {
  const { makeStartBundle } = await import("./start-bundle/make-start-bundle.ts");
  await makeStartBundle(root, join(root, "node_modules/.cache/linchpin/start"));
}

for (const prepare of [makeDatabase, makeBundle, startOnce])
  try {
    await prepare();
  } catch (error) {
    console.warn(`The first start will take some seconds longer: ${error instanceof Error ? error.message : error}`);
  }
process.exit();
