import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { gunzipSync } from "node:zlib";
import { emptyDatabaseFile, extractTar, readEmptyDatabase } from "../../src/database/empty-database.ts";

it("extracts what tar packed: every length, long names, empty folders, for their owner alone", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "linchpin-tar-"));
  t.after(() => rm(root, { recursive: true }));
  const packed = join(root, "packed");
  const longName = join("f".repeat(90), "n".repeat(90));
  const lengths = [0, 1, 511, 512, 513, 100_000];
  await mkdir(join(packed, "empty"), { recursive: true });
  await mkdir(join(packed, "f".repeat(90)));
  await writeFile(join(packed, longName), "long");
  for (const length of lengths) await writeFile(join(packed, `${length}`), Buffer.alloc(length, length % 256));
  const archive = execFileSync("tar", ["--format=ustar", "-cf", "-", "-C", packed, "."], { maxBuffer: 10_000_000 });

  const extracted = join(root, "extracted");
  extractTar(archive, extracted);

  assert.deepEqual(
    (await readdir(extracted, { recursive: true })).sort(),
    (await readdir(packed, { recursive: true })).sort(),
  );
  for (const name of [longName, ...lengths.map(String)])
    assert.deepEqual(await readFile(join(extracted, name)), await readFile(join(packed, name)), name);
  assert.ok(existsSync(join(extracted, "empty")));
  for (const name of [".", "empty", longName]) assert.equal((await stat(join(extracted, name))).mode & 0o077, 0, name);
  assert.throws(() => extractTar(archive, extracted), /EEXIST/);
});

it("reads what npm ci made, else what the published package has compressed, else nothing", async () => {
  const file = await emptyDatabaseFile();
  const compressed = await readFile(new URL(`${file}.gz`)).catch(() => null);
  const wanted = existsSync(file) ? await readFile(file) : compressed && gunzipSync(compressed);
  assert.deepEqual(await readEmptyDatabase(), wanted);
});
