import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

it("the root entry says every entry that there is", async () => {
  const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const entries = Object.keys(exports).filter((entry) => entry !== ".");
  assert.ok(entries.length >= 10);
  await assert.rejects(import("@linchpin/device"), ({ message }: Error) => {
    for (const entry of entries) assert.ok(message.includes(`"@linchpin/device/${entry.slice(2)}"`), entry);
    return true;
  });
});
