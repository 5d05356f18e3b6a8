import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { type PostgresCluster, startPostgresCluster } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { needsSoftHsm, needsTool } from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { hermesIsMissing } from "../hermes/engine.ts";
import { type IssuerProcess, startIssuerProcess } from "../issuer-process.ts";
import { Desk } from "./desk.ts";
import { isAsWritten, readSnippets, type Snippet } from "./read-snippets.ts";

// Every block of code in the papers runs, in its order. What a block is for stands behind its language:
//   ts run            in Node, in the clone
//   sh run, sh start  in one terminal a paper; `start` goes on until the paper ends
//   html page         in Chromium, served by examples/web; `html frame` is what the next page has in its frame
//   js page           the same, in an empty page
//   ts react-native   in Hermes
// Before a block may stand `<!-- given` with code that it goes on from, behind it `<!-- afterwards` with what uses it.

const papers = globSync(["*.md", "docs/**/*.md", "packages/*/*.md", "packages/protocols/*/*.md", "examples/*/*.md"]);
/**
 * What is read and not run here: components run in tests/packed/packed.drill.ts or in packages/elements/test/react.test.ts,
 * recipes in tests/vitest/vitest.drill.ts, tests/packed/jest.drill.ts and tests/packed/ci-job.drill.ts.
 */
const notCode = ["mermaid", "ini", "json", "text", "text output", "tsx", "vue", "svelte", "sh install", "yaml"];
const recipes = [
  ...["ts vitest", "ts node-test", "js jest-environment", "json jest", "js jest"],
  ...["python unittest", "java", "yaml github"],
];
/** Papers whose terminal starts an issuer of its own, and the one that needs a PostgreSQL with its own tools. */
const startingIssuers = ["README.md", "docs/production.md", "packages/vault/README.md"];
const production = "docs/production.md";
const postgresIsMissing =
  needsProgram(["pg_config", "--bindir"], "postgresql") || needsProgram(["pg_dump", "--version"], "postgresql");

const paperNeeds: Readonly<Record<string, string | false>> = {
  [production]: postgresIsMissing,
  "packages/vault/README.md": needsSoftHsm() || needsTool(),
  "docs/audit-export.md": needsProgram(["python3", "-c", "import cryptography"], "python3-cryptography"),
};

const chromiumIsMissing = needsProgram(["chromium", "--version"], "chromium");
const leftOut: Readonly<Record<string, string | false>> = {
  "html page": chromiumIsMissing,
  "js page": chromiumIsMissing,
  "ts react-native": hermesIsMissing,
};

suite("every block of code in the papers runs", { concurrency: 2 }, () => {
  let issuer: IssuerProcess;
  let browser: Browser | null = null;
  const folder = mkdtempSync(join(tmpdir(), "linchpin-snippets-"));
  before(async () => {
    await placeEmptyDatabase(join(folder, "store"));
    issuer = await startIssuerProcess({ LINCHPIN_DATA: folder });
    if (chromiumIsMissing === false) browser = await launchPuppeteer("chromium");
  });
  after(async () => {
    await browser?.close();
    await issuer.kill("SIGTERM");
    rmSync(folder, { recursive: true });
  });

  for (const paper of papers.toSorted()) {
    const snippets = readSnippets(readFileSync(paper, "utf8")).filter(
      ({ kind }) => ![...notCode, ...recipes].includes(kind),
    );
    if (snippets.length > 0)
      suite(paper, { concurrency: 1 }, () => {
        const skipped = paperNeeds[paper] ?? false;
        let desk: Desk;
        let cluster: PostgresCluster | null = null;
        before(async () => {
          if (paper === production && skipped === false) cluster = await startPostgresCluster(postgresFolder());
          const databaseUrl = (await cluster?.createDatabase()) ?? null;
          const issuerPort = startingIssuers.includes(paper) ? null : issuer.port;
          desk = await Desk.open({ issuerPort, databaseUrl, browser });
        });
        after(async () => {
          desk.close();
          await cluster?.stop();
        });
        for (const snippet of snippets)
          test(`line ${snippet.line}: ${snippet.kind}`, {
            skip: skipped || (leftOut[snippet.kind] ?? false),
          }, async () => {
            const run = kinds[snippet.kind];
            assert.ok(run, "what stands in a block runs: say how, or mark it as `text output`");
            const printed = await run(desk, snippet);
            if (snippet.output !== null && !isAsWritten(printed, snippet.output)) assert.equal(printed, snippet.output);
          });
      });
  }
});

const kinds: Readonly<Record<string, (desk: Desk, snippet: Snippet) => Promise<string>>> = {
  "ts run": (desk, { given, code, afterwards }) => desk.runInNode(`${given}\n${code}\n${afterwards}`),
  "sh run": (desk, { given, code, afterwards }) => desk.runInShell(`${given}\n${code}\n${afterwards}`),
  "sh start": (desk, { code }) => desk.startInShell(code),
  "html frame": (desk, { code }) => desk.putIntoFrame(code),
  "html page": (desk, { code, afterwards }) => desk.visitPage(code, afterwards),
  "js page": (desk, { given, code, afterwards }) => desk.runInPage(`${given}\n${code}`, afterwards),
  "ts react-native": (desk, { given, code, afterwards }) => desk.runOnPhone(`${given}\n${code}`, afterwards),
};

/** Debian's: its `pg_dump` refuses a server that is newer. */
function postgresFolder(): string {
  return execFileSync("pg_config", ["--bindir"], { encoding: "utf8" }).trim();
}
