import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@linchpin/test-fixtures/system/free-port";

const repository = join(import.meta.dirname, "..");

function scriptsOf(manifest: string): [string, string][] {
  return Object.entries(JSON.parse(readFileSync(join(repository, manifest), "utf8")).scripts ?? {});
}

/** Runs an npm script as a program and its arguments, without any shell: so it means the same to every shell. */
function startScript(name: string, environment: NodeJS.ProcessEnv) {
  const [program, ...words] = (scriptsOf("package.json").find(([each]) => each === name)?.[1] ?? "").split(" ");
  assert.equal(program, "node");
  return spawn(process.execPath, words, { cwd: repository, env: environment, stdio: ["ignore", "ignore", "pipe"] });
}

async function statusWhenUp(url: string, isRunning: () => boolean): Promise<number | undefined> {
  while (isRunning()) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response.status;
    await sleep(50);
  }
  return undefined;
}

describe("the npm scripts", () => {
  it("are words that cmd.exe and a POSIX shell read alike", () => {
    const manifests = ["package.json", ...globSync("{packages,examples}/*/package.json", { cwd: repository })];
    const scripts = manifests.flatMap((manifest) => scriptsOf(manifest).map((script) => [manifest, ...script]));
    assert.ok(scripts.length > 20);
    // Neither a variable set in front of a command, nor expansion, quotes of one shell, globs, or a builtin of one.
    const isOfOneShell = (script: string) =>
      /[$%'`;*?^\\]|(^|&& )(\w+=|exec |export |set |rm |cp |mv |mkdir |\.\/)|[^&]&([^&]|$)/.test(script);
    assert.deepEqual(
      scripts.filter(([, , script]) => isOfOneShell(script ?? "")),
      [],
    );
  });

  it("start the sandbox without a shell", async () => {
    const { LINCHPIN_MODE: _, ...environment } = process.env;
    const port = String(await freePort());
    const folder = mkdtempSync(join(tmpdir(), "linchpin-start-"));
    const child = startScript("start", { ...environment, LINCHPIN_PORT: port, LINCHPIN_DATA: folder });
    try {
      const isRunning = () => child.exitCode === null;
      assert.equal(await statusWhenUp(`http://127.0.0.1:${port}/health/ready`, isRunning), 200);
      assert.equal((await fetch(`http://127.0.0.1:${port}/sandbox`)).status, 200);
    } finally {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true });
    }
  });

  it("leave a mode that is set as it is", async () => {
    const child = startScript("start", { ...process.env, LINCHPIN_MODE: "production", LINCHPIN_DATABASE_URL: "" });
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    await once(child, "close");
    assert.match(stderr, /^linchpin: .*LINCHPIN_DATABASE_URL/);
  });
});
