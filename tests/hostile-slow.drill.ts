import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openConnection, readToEnd, sendRaw } from "@linchpin/test-fixtures/system/raw-http";
import { startIssuerProcess } from "./issuer-process.ts";

describe("an issuer that is told to stop", () => {
  it("stops, though a connection says nothing and another drips", async () => {
    const folder = await mkdtemp(join(tmpdir(), "linchpin-hostile-stop-"));
    await placeEmptyDatabase(join(folder, "store"));
    const issuer = await startIssuerProcess({ LINCHPIN_DATA: folder, LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS: "1" });
    const silent = readToEnd(await openConnection(issuer.port));
    const drip = async function* () {
      yield "GET /health/live HTTP/1.1\r\nHost: x\r\n";
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
