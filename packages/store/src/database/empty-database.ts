import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { readMigrations } from "./migrate.ts";

/**
 * An initialised and migrated database without rows, as a tar archive. To make one takes PGlite several seconds, so
 * `scripts/prepare-first-start.mjs` does it once, and the published package has it compressed
 * (`scripts/pack-empty-database.ts`). Null: there is none of this version of PGlite and these migrations, and each new
 * database is initialised and migrated anew.
 */
export async function readEmptyDatabase(): Promise<Buffer | null> {
  const file = await emptyDatabaseFile();
  return (await readIfThere(file)) ?? (await readCompressed(file));
}

async function readCompressed(file: URL): Promise<Buffer | null> {
  const compressed = await readIfThere(new URL(`${file}.gz`));
  return compressed === null ? null : promisify(gunzip)(compressed);
}

async function readIfThere(file: URL): Promise<Buffer | null> {
  return readFile(file).catch((error) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

/** Where the archive is. Its name changes with PGlite and with any migration, so that no other's is taken for it. */
export async function emptyDatabaseFile(): Promise<URL> {
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", packageFolder), "utf8"));
  const hash = createHash("sha256");
  for (const { name, sha256 } of await readMigrations()) hash.update(`${name} ${sha256}\n`);
  const pglite = dependencies["@electric-sql/pglite"];
  return new URL(`template/empty-database-${pglite}-${hash.digest("hex").slice(0, 16)}.tar`, packageFolder);
}

// The same path from `src/database` as from `dist/database`.
const packageFolder = new URL("../../", import.meta.url);

/** Writes the files and folders of a tar archive, in the form that PGlite makes (POSIX.1-1988 ustar), to a new folder. */
export function extractTar(archive: Buffer, folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  let offset = 0;
  const textAt = (start: number, length: number) =>
    archive.toString("latin1", offset + start, offset + start + length).split("\0", 1)[0] ?? "";
  while (archive[offset]) {
    const path = join(folder, textAt(345, 155), textAt(0, 100));
    const lengthBytes = Number.parseInt(textAt(124, 12), 8);
    const content = archive.subarray(offset + blockBytes, offset + blockBytes + lengthBytes);
    if (textAt(156, 1) === "5") mkdirSync(path, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, content, { mode: 0o600 });
    }
    offset += blockBytes * (1 + Math.ceil(lengthBytes / blockBytes));
  }
}

const blockBytes = 512;
