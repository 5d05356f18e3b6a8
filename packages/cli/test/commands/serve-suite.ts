import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { linchpinProcess, sandboxSettings } from "@linchpin/test-fixtures/command/linchpin";
import { exitCodes } from "../../src/exit-codes.ts";
import type { SharedIssuer } from "../shared-issuer.ts";

/** Ends the issuer, again and again. */
export function serveSuite(issuer: SharedIssuer): void {
  suite("a running sandbox", () => {
    test("is ready when it says where to look", async () => {
      assert.equal((await fetch(`${issuer.url}/health/ready`)).status, 200);
      assert.equal((await fetch(`${issuer.url}/sandbox`)).status, 200);
    });

    test("has its data folder for itself", async () => {
      const { code, stderr } = await linchpinProcess(["serve"], { environment: sandboxSettings(issuer.dataFolder) });
      assert.equal(code, exitCodes.inUse);
      assert.match(stderr, /another process uses this data folder: .*LINCHPIN_DATA/);
    });

    test("ends at SIGTERM, and leaves nothing locked", async () => {
      issuer.running.kill("SIGTERM");
      const { code } = await issuer.running.ended;
      assert.equal(code, 0);
      assert.deepEqual(
        (await readdir(join(issuer.dataFolder, "store"))).filter((name) => name.startsWith("lock")),
        [],
      );
    });

    test("on the same data again, finishes what it began before SIGINT ends it, and says on stderr what it does", async () => {
      await issuer.start({ LINCHPIN_LOG_LEVEL: "info" });
      await fetch(`${issuer.url}/issuer/v1/keys`);
      const { answer, begun, finish } = beginToken(issuer.url);
      await begun;
      issuer.running.kill("SIGINT");
      await untilNoEcho();
      finish();
      assert.match(await answer, /access_token/);
      const { code, stderr } = await issuer.running.ended;
      assert.equal(code, 0);
      assert.match(stderr, /^\d\d:\d\d:\d\d\.\d{3} info refused .*credentials_missing/m);
    });

    test("ends at once at a second signal", async () => {
      await issuer.start();
      const { answer, begun } = beginToken(issuer.url);
      answer.catch(() => {});
      await begun;
      issuer.running.kill("SIGTERM");
      await untilNoEcho();
      issuer.running.kill("SIGTERM");
      assert.equal((await issuer.running.ended).code, 143);
      await assert.rejects(answer);
    });

    test("a port that another has", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      try {
        const environment = sandboxSettings(issuer.dataFolder, { LINCHPIN_PORT: `${port}` });
        const { code, stderr } = await linchpinProcess(["serve"], { environment });
        assert.equal(code, exitCodes.inUse);
        assert.match(stderr, new RegExp(`linchpin: port ${port} is in use: .*LINCHPIN_PORT`));
      } finally {
        other.close();
      }
    });
  });
}

/** Longer than the time in which a signal counts as the echo of the one before. */
const untilNoEcho = () => sleep(600);

/** A request whose body is yet to come. `begun`: the issuer has its head. */
function beginToken(url: string): { answer: Promise<string>; begun: Promise<unknown>; finish: () => void } {
  const form = "grant_type=client_credentials&client_id=sandbox-solaris&client_secret=sandbox-solaris-secret";
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": form.length,
    expect: "100-continue",
  };
  const asked = request(`${url}/solaris/oauth2/token`, { method: "POST", headers });
  const begun = once(asked, "continue");
  const answer = new Promise<string>((resolve, reject) => {
    asked.on("error", reject);
    asked.on("response", (response) => resolve(text(response)));
  });
  return { answer, begun, finish: () => asked.end(form) };
}
