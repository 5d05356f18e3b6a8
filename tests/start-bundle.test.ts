import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { findStartBundle } from "../scripts/start-bundle/find-start-bundle.ts";
import { makeStartBundle } from "../scripts/start-bundle/make-start-bundle.ts";

const run = promisify(execFile);

test("what runs from the bundle finds its files where its source is; a changed source, another package or another place ends it", async (t) => {
  const repository = await mkdtemp(join(tmpdir(), "linchpin-bundle-"));
  t.after(() => rm(repository, { recursive: true }));
  const put = async (file: string, content: string) => {
    await mkdir(join(repository, file, ".."), { recursive: true });
    await writeFile(join(repository, file), content);
  };
  await put("node_modules/.package-lock.json", "{}");
  await put("node_modules/other/package.json", '{ "name": "other", "main": "index.cjs" }');
  await put("node_modules/other/index.cjs", 'module.exports = require("node:path").basename("a/b");');
  await put("packages/cli/package.json", '{ "type": "module", "imports": { "#place": "./src/place.ts" } }');
  await put(
    "packages/cli/src/main.ts",
    'import other from "other";\nconsole.log(other, (await import("./place.ts")).place);',
  );
  await put(
    "packages/cli/src/place.ts",
    'export const place: string = [import.meta.url, import.meta.dirname, import.meta.resolve("#place")].join(" ");',
  );
  const folder = join(repository, "node_modules/.cache/start");
  assert.equal(findStartBundle(repository, folder), null, "none was made");
  await makeStartBundle(repository, folder);

  const bundle = findStartBundle(repository, folder) ?? "";
  const ofSources = await run(process.execPath, [join(repository, "packages/cli/src/main.ts")]);
  assert.match(ofSources.stdout, /^b file:.*place\.ts /);
  assert.equal((await run(process.execPath, [bundle])).stdout, ofSources.stdout);

  const moved = `${repository}-moved`;
  t.after(() => rm(moved, { recursive: true }));
  await cp(repository, moved, { recursive: true });
  assert.equal(findStartBundle(moved, join(moved, "node_modules/.cache/start")), null, "all was moved");

  const kept = join(repository, "kept");
  await cp(join(repository, "packages"), kept, { recursive: true });
  for (const file of ["packages/cli/src/place.ts", "packages/cli/package.json", "node_modules/.package-lock.json"]) {
    await put(file, " ");
    assert.equal(findStartBundle(repository, folder), null, `${file} changed`);
    await cp(kept, join(repository, "packages"), { recursive: true });
    await put("node_modules/.package-lock.json", "{}");
    assert.equal(findStartBundle(repository, folder), bundle, `${file} is as it was`);
  }
  await rm(join(repository, "packages/cli/src/place.ts"));
  assert.equal(findStartBundle(repository, folder), null, "a source is gone");
});
