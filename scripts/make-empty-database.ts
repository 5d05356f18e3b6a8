import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import { archiveNewDatabase } from "../packages/store/src/database/embedded-database.ts";
import { emptyDatabaseFile } from "../packages/store/src/database/empty-database.ts";
import { migrate } from "../packages/store/src/database/migrate.ts";

/**
 * Makes the file that `readEmptyDatabase` reads, where there is none of this version, in place of those of other
 * versions: an archive, or as the published package has it, compressed.
 */
export async function makeEmptyDatabase(form: "archive" | "compressed"): Promise<void> {
  const suffix = form === "compressed" ? ".tar.gz" : ".tar";
  const file = fileURLToPath(await emptyDatabaseFile()).replace(/\.tar$/, suffix);
  if (existsSync(file)) return;
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const former = (await readdir(folder)).filter((name) => name.endsWith(suffix));
  const archive = await archiveNewDatabase((database) => migrate(database));
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, form === "compressed" ? gzipSync(archive, { level: constants.Z_BEST_COMPRESSION }) : archive);
  await rename(draft, file);
  for (const name of former) if (name !== basename(file)) await rm(join(folder, name), { force: true });
}
