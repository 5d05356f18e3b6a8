import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sandboxSettings } from "./linchpin.ts";

const shim = fileURLToPath(new URL("../bin/linchpin.mjs", import.meta.url));

suite("bin/linchpin.mjs", () => {
  test("passes arguments on, and the exit code back", async () => {
    const child = spawn(process.execPath, [shim, "device", "show", "--state", "/nonexistent"]);
    const [[code], stderr] = await Promise.all([once(child, "close"), text(child.stderr)]);
    assert.equal(code, 66);
    assert.match(stderr, /no device in \/nonexistent/);
  });

  test("passes signals on", async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-cli-"));
    const child = spawn(process.execPath, [shim, "serve"], { env: { ...process.env, ...sandboxSettings(dataFolder) } });
    const stderr = text(child.stderr);
    for await (const chunk of child.stdout) {
      if (String(chunk).includes("Linchpin sandbox on")) break;
    }
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.match(await stderr, /finishes what it began/);
    await rm(dataFolder, { recursive: true });
  });
});
