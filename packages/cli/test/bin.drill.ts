import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";

const shim = fileURLToPath(new URL("../bin/linchpin.mjs", import.meta.url));

suite("bin/linchpin.mjs", () => {
  test("passes arguments on, and the exit code back", async () => {
    const child = spawn(process.execPath, [shim, "device", "show", "--state", "/nonexistent"]);
    const [[code], stderr] = await Promise.all([once(child, "close"), text(child.stderr)]);
    assert.equal(code, 66);
    assert.match(stderr, /no device in \/nonexistent/);
  });

  test("ends in silence where the reader of its output has gone", async () => {
    const child = spawn(process.execPath, [shim, "serve", "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const [[code], stderr] = await Promise.all([once(child, "close"), text(child.stderr)]);
    assert.deepEqual([code, stderr], [141, ""]);
  });

  test("passes signals on", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const child = spawn(process.execPath, [shim, "keys", "list", "--url", `http://127.0.0.1:${port}`]);
    const [socket] = await once(silent, "connection");
    const closed = once(socket.resume(), "close");
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    await closed;
    silent.close();
    assert.equal(code, 143);
  });
});
