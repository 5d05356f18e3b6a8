import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { parse } from "yaml";
import { readSnippets } from "../snippets/read-snippets.ts";
import { runCommand } from "../snippets/run-command.ts";
import { repository } from "./packed-release.ts";

interface Job {
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly run?: string; readonly if?: string }[];
}

const snippets = readSnippets(readFileSync(join(repository, "packages/testing/README.md"), "utf8"));
const codeOf = (kind: string) => snippets.find((snippet) => snippet.kind === kind)?.code ?? assert.fail(kind);
const python = needsProgram(["python3", "--version"], "python3") || needsProgram(["curl", "--version"], "curl");

describe("the CI job of packages/testing/README.md", { skip: python }, () => {
  /** Below the repository, so that `npx` finds its command. */
  let folder: string;
  let port: number;
  before(async () => {
    folder = mkdtempSync(join(import.meta.dirname, "ci-job-"));
    port = await freePort();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The steps of the job one after the other, as its runner takes them. Resolves to what they printed. */
  async function runJob(test: string): Promise<string> {
    writeFileSync(join(folder, "test_issuer.py"), test);
    const { jobs } = parse(codeOf("yaml github").replaceAll("8420", `${port}`)) as { jobs: { test: Job } };
    const { env, steps } = jobs.test;
    const lines = steps.filter((step) => step.if === undefined).flatMap(({ run = [] }) => run);
    assert.equal(lines.length, 4);
    // What is installed here is what would be installed again.
    const script = [`cd ${folder}`, "npm() { :; }", ...lines].join("\n");
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
    const environment = { ...inherited, ...env, LINCHPIN_PORT: `${port}` };
    let group = 0;
    const started = (processGroup: number) => (group = processGroup);
    try {
      return await runCommand(["bash", "-eo", "pipefail", "-c", script], { environment, timeoutMs: 180_000 }, started);
    } finally {
      process.kill(-group, "SIGTERM");
    }
  }

  it("starts a sandbox, waits for it and passes its tests", async () => {
    await runJob(codeOf("python unittest"));
    assert.match(readFileSync(join(folder, "linchpin.log"), "utf8"), new RegExp(`127\\.0\\.0\\.1:${port}`));
  });

  it("fails where a test fails", async () => {
    port = await freePort();
    const failing = codeOf("python unittest").replace("[503, 200]", "[503, 503]");
    await assert.rejects(runJob(failing), /FAILED \(failures=1\)/);
  });
});
