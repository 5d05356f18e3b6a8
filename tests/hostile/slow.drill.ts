import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openConnection, readToEnd, sendRaw } from "@linchpin/test-fixtures/system/raw-http";
import { startIssuerProcess } from "../issuer-process.ts";
import { hostileStage, json } from "./stage.ts";

/** As many as this process may have open, with some to spare. */
const connectionCount = Math.min(10_000, (Number(execFileSync("sh", ["-c", "ulimit -n"])) || 20_000) - 200);

describe("an issuer, kept waiting", () => {
  const { port, holder, operator, verifyPath, besideOthers, assertProblem } = hostileStage();

  it("headers that never end are cut off", async () => {
    const drip = async function* () {
      yield "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
      for (;;) yield await sleep(200, "X-A: a\r\n");
    };
    assertProblem(await besideOthers(sendRaw(port(), drip())), 408, "request_invalid");
  });

  it("a body that never ends is cut off", async () => {
    const drip = async function* () {
      yield `POST ${verifyPath()} HTTP/1.1\r\nHost: localhost\r\n${operator()}${json}Content-Length: 60000\r\n\r\n`;
      for (;;) yield await sleep(200, " ");
    };
    assertProblem(await besideOthers(sendRaw(port(), drip())), 408, "request_invalid");
  });

  it(`${connectionCount} connections that say nothing are dropped, and others served beside them`, async (t) => {
    if (connectionCount < 10_000) t.diagnostic(`of 10,000: ulimit -n allows ${connectionCount}`);
    const silent = await besideOthers(
      (async () => {
        const sockets = [];
        for (let count = 0; count < connectionCount; count++) sockets.push(await openConnection(port()));
        return sockets;
      })(),
    );
    assert.equal(silent.length, connectionCount);
    const { body } = await holder().verify("1928");
    assert.equal(body.result, "match");
    const answers = await besideOthers(Promise.all(silent.map(readToEnd)));
    for (const { text } of answers) assert.match(text, /^HTTP\/1\.1 408 |^$/);
  });
});

describe("an issuer that is told to stop", () => {
  it("stops, though a connection says nothing and another drips", async () => {
    const folder = await mkdtemp(join(tmpdir(), "linchpin-hostile-stop-"));
    await placeEmptyDatabase(join(folder, "store"));
    const issuer = await startIssuerProcess({ LINCHPIN_DATA: folder, LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS: "1" });
    const silent = readToEnd(await openConnection(issuer.port));
    const drip = async function* () {
      yield "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
      for (;;) yield await sleep(200, "X-A: a\r\n");
    };
    const dripping = sendRaw(issuer.port, drip());
    await sleep(500);
    await issuer.kill("SIGTERM");
    assert.equal((await silent).text, "");
    await dripping;
    await rm(folder, { recursive: true, force: true });
  });
});
