import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readSnippets } from "../snippets/read-snippets.ts";
import { npm, repository, run } from "./packed-release.ts";

const jest = "jest@30.5.2";
const snippets = readSnippets(readFileSync(join(repository, "packages/testing/README.md"), "utf8"));
const codeOf = (kind: string) => snippets.find((snippet) => snippet.kind === kind)?.code ?? assert.fail(kind);

describe("tests of others on @linchpin/testing, in a project that installs jest", () => {
  /** Below the repository, so that its packages are found. */
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(import.meta.dirname, "jest-"));
    writeFileSync(join(folder, "package.json"), codeOf("json jest"));
    await npm(folder, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", jest);
    writeFileSync(join(folder, "issuer-environment.mjs"), codeOf("js jest-environment"));
    writeFileSync(join(folder, "recipe.test.js"), codeOf("js jest"));
    copyFileSync(join(import.meta.dirname, "jest/expiry.test.js"), join(folder, "expiry.test.js"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("pass as the README has them, and beside others in a second worker", async (test) => {
    const outputFile = join(folder, "result.json");
    const options = ["--maxWorkers=2", "--testTimeout=60000", "--json", `--outputFile=${outputFile}`];
    const environment = { NODE_OPTIONS: "--conditions=linchpin-source", NODE_TEST_CONTEXT: "" };
    const startedAt = performance.now();
    await run(folder, process.execPath, [join(folder, "node_modules/jest/bin/jest.js"), ...options], environment);
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(outputFile, "utf8"));
    assert.deepEqual([numPassedTests, numTotalTests], [5, 5]);
    test.diagnostic(`five tests in jest took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  });
});
