import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { startIssuer } from "@linchpin/testing";
import { readSnippets } from "../snippets/read-snippets.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
const vitest = join(repository, "node_modules/vitest/vitest.mjs");
const suite = import.meta.dirname;
const snippets = readSnippets(readFileSync(join(repository, "packages/testing/README.md"), "utf8"));
const codeOf = (kind: string) => {
  const found = snippets.find((snippet) => snippet.kind === kind);
  assert.ok(found, `a recipe of kind ${kind}`);
  return found.code;
};

/** Node's test runner tells processes below it that they are its own. */
const { NODE_TEST_CONTEXT: _, ...environment } = process.env;

async function runVitest(
  folder: string,
  ...args: string[]
): Promise<{ passed: number; total: number; seconds: number }> {
  const startedAt = performance.now();
  const outputFile = join(folder, "result.json");
  const options = ["--reporter=json", `--outputFile=${outputFile}`, ...args];
  await run(process.execPath, [vitest, "run", ...options], { cwd: suite, env: environment });
  const { numPassedTests: passed, numTotalTests: total } = JSON.parse(readFileSync(outputFile, "utf8"));
  return { passed, total, seconds: (performance.now() - startedAt) / 1000 };
}

describe("tests of others on @linchpin/testing", () => {
  /** Below the repository, so that its packages are found. */
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(suite, "recipe-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("pass: ten in vitest, in two workers", async (test) => {
    const { passed, total, seconds } = await runVitest(folder, "expiry", "faults");
    assert.deepEqual([passed, total], [10, 10]);
    test.diagnostic(`ten tests in vitest took ${seconds.toFixed(1)} s`);
  });

  it("pass as the README has them for vitest", async () => {
    writeFileSync(join(folder, "recipe.vitest.ts"), codeOf("ts vitest"));
    const { passed, total } = await runVitest(folder, "recipe", "--dir", folder);
    assert.deepEqual([passed, total], [2, 2]);
  });

  it("pass as the README has them for node:test", async () => {
    const file = join(folder, "recipe.ts");
    writeFileSync(file, codeOf("ts node-test"));
    await run(process.execPath, ["--conditions=linchpin-source", "--test", file], { env: environment });
  });

  for (const [kind, program, name] of [
    ["python unittest", "python3", "issuer_test.py"],
    ["java", "java", "IssuerTest.java"],
  ] as const)
    it(`pass as the README has them for ${program}`, {
      skip: needsProgram([program, "--version"], program),
    }, async () => {
      await using issuer = await startIssuer();
      const file = join(folder, name);
      writeFileSync(file, codeOf(kind));
      await run(program, [file], { env: { ...environment, LINCHPIN_URL: issuer.url } });
    });
});
