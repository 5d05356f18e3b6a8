import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { it } from "node:test";

const repository = join(import.meta.dirname, "../..");

it("every test that SECURITY.md names is there", () => {
  const paper = readFileSync(join(repository, "SECURITY.md"), "utf8");
  const named = paper.match(/`[\w./-]+(?:\.test|-contract)\.ts`/g)?.map((name) => name.slice(1, -1)) ?? [];
  let folder = "";
  const missing = named.filter((name) => {
    // A name without its folder stands behind one with it.
    folder = name === basename(name) ? folder : dirname(name);
    return !existsSync(join(repository, folder, basename(name)));
  });
  assert.ok(named.length > 20);
  assert.deepEqual(missing, []);
});
