import { createHash, randomUUID } from "node:crypto";
import { cpSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { migrateEmbedded } from "@linchpin/store";

/**
 * Puts an empty database into the folder of an embedded store, as its first start would leave it. Making and migrating
 * one takes seconds and is the same for each: it is made once and copied.
 */
export async function placeEmptyDatabase(folder: string): Promise<void> {
  const name = `empty-database-${await pgliteVersion()}-${await migrationsHash()}`;
  await place(folder, name, async (draft) => {
    await migrateEmbedded({ folder: draft });
  });
}

/** The same before any migration. */
export async function placeUnmigratedDatabase(folder: string): Promise<void> {
  await place(folder, `unmigrated-database-${await pgliteVersion()}`, async (draft) => {
    await (await PGlite.create(join(draft, "database"))).close();
  });
}

const root = join(import.meta.dirname, "../../../..");
const migrations = join(root, "packages/store/migrations");

async function place(folder: string, name: string, make: (draft: string) => Promise<void>): Promise<void> {
  const template = join(root, "node_modules/.cache/linchpin", name);
  if (!(await isThere(template))) await makeTemplate(template, make);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The other `cp` takes five times as long over a thousand files.
  cpSync(template, folder, { recursive: true });
}

/** Of several test files that make it at once, the first to finish wins. */
async function makeTemplate(template: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${template}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  await make(draft);
  await rename(draft, template).catch(() => rm(draft, { recursive: true, force: true }));
}

/** Another one may write its files in another way. */
async function pgliteVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "node_modules/@electric-sql/pglite/package.json"), "utf8"));
  return version;
}

async function migrationsHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(migrations)).sort())
    hash.update(name).update(await readFile(join(migrations, name)));
  return hash.digest("hex").slice(0, 16);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
