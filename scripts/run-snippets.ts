// Runs the fenced blocks of the documents whose first line says `run` (```sh run, ```ts run), in their order, against
// a fresh sandbox issuer a document. Where a block says 127.0.0.1:8420, that issuer is meant.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const documents = ["*.md", "docs/**/*.md", "packages/*/*.md", "packages/protocols/*/*.md"];
const defaultHost = "127.0.0.1:8420";
const readyWithinMs = 30_000;
const snippetEndsWithinMs = 60_000;

type Snippet = { language: string; line: number; code: string };
type Sandbox = { host: string; environment: NodeJS.ProcessEnv; stop: () => Promise<void> };

let ran = 0;
for (const document of globSync(documents).sort()) {
  const snippets = snippetsOf(readFileSync(document, "utf8"));
  if (snippets.length === 0) continue;
  const sandbox = await startSandbox();
  try {
    for (const snippet of snippets) {
      runSnippet(snippet, document, sandbox);
      ran += 1;
    }
  } finally {
    await sandbox.stop();
  }
}
console.log(`${ran} snippets ran`);

function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```(sh|ts) run$\n(.*?)^```$/gms)].map(({ 1: language = "", 2: code = "", index }) => ({
    language,
    line: markdown.slice(0, index).split("\n").length,
    code,
  }));
}

function runSnippet({ language, line, code }: Snippet, document: string, { host, environment }: Sandbox): void {
  const [program, ...programArguments] =
    language === "sh"
      ? ["bash", "-euo", "pipefail", "-c"]
      : [process.execPath, "--conditions=linchpin-source", "--input-type=module-typescript", "--eval"];
  const { status, signal, stdout, stderr } = spawnSync(
    String(program),
    [...programArguments, code.replaceAll(defaultHost, host)],
    { env: environment, encoding: "utf8", timeout: snippetEndsWithinMs },
  );
  if (status !== 0) throw new Error(`${document}:${line} ended with ${status ?? signal}\n${stdout}${stderr}`);
  console.log(`✔ ${document}:${line}`);
}

async function startSandbox(): Promise<Sandbox> {
  const data = mkdtempSync(join(tmpdir(), "linchpin-snippets-"));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const environment = { ...process.env, LINCHPIN_MODE: "sandbox", LINCHPIN_PORT: String(port), LINCHPIN_DATA: data };
  const issuer = spawn(process.execPath, ["--conditions=linchpin-source", "packages/cli/src/main.ts", "serve"], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    if (issuer.exitCode === null) {
      issuer.kill();
      await once(issuer, "exit");
    }
    rmSync(data, { recursive: true, force: true });
  };
  const deadline = Date.now() + readyWithinMs;
  while (!(await isReady(host))) {
    if (issuer.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error("the sandbox issuer did not start");
    }
    await sleep(100);
  }
  return { host, environment, stop };
}

async function isReady(host: string): Promise<boolean> {
  try {
    return (await fetch(`http://${host}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
