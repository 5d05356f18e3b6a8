import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

test("no entry is heavier than its goal", () => {
  const script = join(import.meta.dirname, "../../../scripts/bench-size.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "--conditions=linchpin-source",
    script,
    "--ours-alone",
  ]);
  assert.equal(status, 0, `${stdout}${stderr}`);
});
