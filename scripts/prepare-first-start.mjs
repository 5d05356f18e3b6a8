// Does once, after `npm ci`, what each first start would do again: it initialises an empty database, and starts a
// sandbox in memory, which leaves its modules compiled. Without either of them, a start works and takes longer.
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const template = join(root, "packages/store/template");

async function makeEmptyDatabase() {
  const { dependencies } = JSON.parse(await readFile(join(root, "packages/store/package.json"), "utf8"));
  const name = `empty-database-${dependencies["@electric-sql/pglite"]}.tar`;
  await mkdir(template, { recursive: true });
  const found = await readdir(template);
  if (found.includes(name)) return;
  const { PGlite } = createRequire(join(root, "packages/store/package.json"))("@electric-sql/pglite");
  const pglite = await PGlite.create("memory://");
  const archive = Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer());
  await pglite.close();
  for (const former of found) await rm(join(template, former), { recursive: true });
  await writeFile(join(template, `${name}.${process.pid}`), archive);
  await rename(join(template, `${name}.${process.pid}`), join(template, name));
}

async function startOnce() {
  const server = spawn(process.execPath, ["--conditions=linchpin-source", join(root, "scripts/start.ts")], {
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

try {
  await makeEmptyDatabase();
  await startOnce();
} catch (error) {
  console.warn(`The first start will take some seconds longer: ${error instanceof Error ? error.message : error}`);
}
process.exit();
