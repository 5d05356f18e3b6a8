import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { archiveNewDatabase } from "./embedded-database.ts";
import { emptyDatabaseFile } from "./empty-database.ts";
import { migrate } from "./migrate.ts";

/** Makes the archive that `readEmptyDatabase` reads, where there is none, in place of those of other versions. */
export async function makeEmptyDatabase(): Promise<void> {
  const file = fileURLToPath(await emptyDatabaseFile());
  if (existsSync(file)) return;
  const folder = fileURLToPath(new URL(".", await emptyDatabaseFile()));
  await mkdir(folder, { recursive: true });
  const former = await readdir(folder);
  const archive = await archiveNewDatabase((database) => migrate(database));
  await writeFile(`${file}.${process.pid}`, archive);
  await rename(`${file}.${process.pid}`, file);
  for (const name of former) await rm(new URL(name, await emptyDatabaseFile()), { force: true });
}
