import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@linchpin/test-fixtures/system/free-port";

const repository = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

/** Runs an npm script as a program and its arguments, without any shell: so it means the same to every shell. */
function startScript(name: string, environment: NodeJS.ProcessEnv) {
  const [program, ...words] = String(manifest.scripts[name]).split(" ");
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
