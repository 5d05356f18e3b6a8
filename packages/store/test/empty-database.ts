import { randomUUID } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openEmbeddedDatabase } from "../src/embedded-database.ts";

const root = join(import.meta.dirname, "../../..");

/**
 * Puts an empty database into the folder of an embedded store, as its first start would. Making one takes seconds and
 * is the same for each: it is made once and copied.
 */
export async function placeEmptyDatabase(folder: string): Promise<void> {
  const template = await templateFolder();
  if (!(await isThere(template))) await makeTemplate(template);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await cp(template, join(folder, "database"), { recursive: true });
}

/** Of this PGlite: another one may write its files in another way. */
async function templateFolder(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "node_modules/@electric-sql/pglite/package.json"), "utf8"));
  return join(root, "node_modules/.cache/linchpin", `empty-database-${version}`);
}

/** Of several test files that make it at once, the first to finish wins. */
async function makeTemplate(template: string): Promise<void> {
  const draft = `${template}.${randomUUID()}`;
  await mkdir(join(template, ".."), { recursive: true });
  await (await openEmbeddedDatabase(draft)).close();
  await rename(draft, template).catch(() => rm(draft, { recursive: true, force: true }));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
