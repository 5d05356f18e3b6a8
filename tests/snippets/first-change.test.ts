import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it, mock } from "node:test";
import { pathToFileURL } from "node:url";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { readSnippets } from "./read-snippets.ts";

const readme = readSnippets(readFileSync(new URL("../../README.md", import.meta.url), "utf8"));
const program = readme.find(({ kind }) => kind === "ts run") ?? assert.fail("README.md has the program");

describe("the first change of README.md", () => {
  let issuer: SandboxIssuer;
  /** Below the repository, so that its packages are found. */
  const folder = mkdtempSync(join(import.meta.dirname, "first-change-"));
  before(async () => {
    issuer = await startSandboxIssuer();
    process.env["LINCHPIN_URL"] = issuer.url;
  });
  after(async () => {
    delete process.env["LINCHPIN_URL"];
    rmSync(folder, { recursive: true });
    await issuer.stop();
  });

  it("runs ten times, and prints what happened each time", async () => {
    const file = join(folder, "change.ts");
    writeFileSync(file, program.code);
    const log = mock.method(console, "log", () => {});
    try {
      for (let run = 1; run <= 10; run++) await import(`${pathToFileURL(file)}?run=${run}`);
      const printed = log.mock.calls.map(({ arguments: [line] }) => line);
      assert.deepEqual(printed, Array(10).fill(program.output?.trim()));
    } finally {
      log.mock.restore();
    }
  });

  it("ends with the refusal, where something is refused", async () => {
    const file = join(folder, "refused.ts");
    writeFileSync(file, program.code.replace('encode("1928")', 'encode("1234")'));
    await assert.rejects(import(pathToFileURL(file).href), /422 .*invalid_pin/);
  });
});
