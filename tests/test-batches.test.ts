import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { batchTests } from "../scripts/test-batches.ts";

describe("files that one process runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-batches-"));
  after(() => rmSync(folder, { recursive: true }));

  function run(...tests: readonly string[]) {
    const files = tests.map((body, index) => {
      const file = join(folder, `${index}.mjs`);
      writeFileSync(file, `import { it } from "node:test";\n${body}\n`);
      return file;
    });
    const [batch, ...others] = batchTests(files, { alone: [], processes: 1, durations: {}, folder });
    assert.deepEqual([batch?.files, others], [files, []]);
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    return spawnSync(process.execPath, [batch?.entry ?? ""], { encoding: "utf8", env: environment });
  }
  const passes = `it("passes", () => {});`;

  it("pass where each test does", () => {
    const { status, stdout } = run(passes, passes);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /tests 2\b/);
  });

  it("fail with a test", () => {
    const { status, stdout } = run(passes, `it("fails", () => { throw new Error("as it should"); });`);
    assert.equal(status, 1, stdout);
    assert.match(stdout, /as it should/);
  });

  for (const [name, act] of [
    ["an error", "setTimeout(() => { throw new Error('too late'); })"],
    ["a rejection", "Promise.reject(new Error('too late'))"],
  ] as const)
    it(`end with ${name} that no test caught, though a test waits for ever`, () => {
      const { status, stderr } = run(`it("waits", () => new Promise(() => { ${act}; }));`, passes);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /no test caught.*: too late/);
    });
});
