import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { settingVariables } from "@linchpin/server/settings";
import { exitCodes } from "../src/exit-codes.ts";
import { type Issuer, linchpin, sandboxSettings, startIssuer } from "./linchpin.ts";

suite("serve --help", () => {
  const secret = "0123456789abcdef0123456789abcdef-not-to-be-shown";

  test("prints every variable with its default", async () => {
    const { stdout } = await linchpin(["serve", "--help"]);
    for (const { name, about, otherwise } of settingVariables)
      assert.ok(stdout.includes(`  ${name}\n    ${about}\n    default: ${otherwise}; now: not set\n`), name);
  });

  test("prints what is set, and of secrets that they are", async () => {
    const secrets = settingVariables.filter(({ isSecret }) => isSecret).map(({ name }) => [name, secret]);
    const environment = { ...Object.fromEntries(secrets), LINCHPIN_PORT: "9321" };
    const { stdout } = await linchpin(["serve", "--help"], { environment });
    assert.match(stdout, /default: 8420; now: 9321\n/);
    assert.equal(stdout.match(/now: \*{4}\n/g)?.length, secrets.length);
    assert.ok(!stdout.includes(secret));
  });

  test("works where the settings do not", async () => {
    const { code } = await linchpin(["serve", "--help"], { environment: { LINCHPIN_MODE: "neither" } });
    assert.equal(code, exitCodes.done);
  });
});

suite("settings that do not allow a start", () => {
  const production = {
    LINCHPIN_DATABASE_URL: "postgres://issuer:geheim@127.0.0.1:9/issuer",
    LINCHPIN_MASTER_KEY: "00".repeat(32),
    LINCHPIN_MESSAGES_URL: "https://messages.example",
    LINCHPIN_OUTBOX_SECRET: "an outbox secret of 32 characters",
  };
  const sandbox = { LINCHPIN_MODE: "sandbox" };
  const wrong: Readonly<Record<string, { name: string; environment: Record<string, string> }>> = {
    "an unknown mode": { name: "LINCHPIN_MODE", environment: { LINCHPIN_MODE: "staging" } },
    "a port in words": { name: "LINCHPIN_PORT", environment: { ...sandbox, LINCHPIN_PORT: "eighty" } },
    "a port too high": { name: "LINCHPIN_PORT", environment: { ...sandbox, LINCHPIN_PORT: "65536" } },
    "an unknown log level": { name: "LINCHPIN_LOG_LEVEL", environment: { ...sandbox, LINCHPIN_LOG_LEVEL: "loud" } },
    "nothing at all, which is production": { name: "LINCHPIN_DATABASE_URL", environment: {} },
    "production without a database": {
      name: "LINCHPIN_DATABASE_URL",
      environment: { ...production, LINCHPIN_DATABASE_URL: " " },
    },
    "production without a master key": {
      name: "LINCHPIN_MASTER_KEY",
      environment: { ...production, LINCHPIN_MASTER_KEY: "" },
    },
    "production that can not send an OTP": {
      name: "LINCHPIN_MESSAGES_URL",
      environment: { ...production, LINCHPIN_MESSAGES_URL: "" },
    },
    "messages that are not signed": {
      name: "LINCHPIN_OUTBOX_SECRET",
      environment: { ...production, LINCHPIN_OUTBOX_SECRET: "short" },
    },
  };

  for (const [what, { name, environment }] of Object.entries(wrong))
    test(what, async () => {
      const { code, stdout, stderr } = await linchpin(["serve"], { environment });
      assert.equal(code, exitCodes.settings);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`^linchpin: .*${name}.*\\n$`), "one line that names the variable");
    });

  test("a database that does not answer", async () => {
    const { code, stderr } = await linchpin(["serve"], { environment: production });
    assert.equal(code, exitCodes.unreachable);
    assert.match(stderr, /LINCHPIN_DATABASE_URL/);
    assert.ok(!stderr.includes("geheim"));
  });

  test("a port that another has", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-cli-"));
    try {
      const environment = sandboxSettings(dataFolder, { LINCHPIN_PORT: `${port}` });
      const { code, stderr } = await linchpin(["serve"], { environment });
      assert.equal(code, exitCodes.inUse);
      assert.match(stderr, new RegExp(`linchpin: port ${port} is in use: .*LINCHPIN_PORT`));
    } finally {
      other.close();
      await rm(dataFolder, { recursive: true });
    }
  });
});

suite("a running sandbox", () => {
  let issuer: Issuer;
  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.stop());

  test("is ready when it says where to look", async () => {
    assert.equal((await fetch(`${issuer.url}/health/ready`)).status, 200);
    assert.equal((await fetch(`${issuer.url}/sandbox`)).status, 200);
  });

  test("has its data folder for itself", async () => {
    const { code, stderr } = await linchpin(["serve"], { environment: sandboxSettings(issuer.dataFolder) });
    assert.equal(code, exitCodes.inUse);
    assert.match(stderr, /another process uses this data folder: .*LINCHPIN_DATA/);
  });

  test("ends at SIGTERM, and leaves nothing locked", async () => {
    issuer.kill("SIGTERM");
    const { code } = await issuer.ended;
    assert.equal(code, 0);
    assert.deepEqual(
      (await readdir(join(issuer.dataFolder, "store"))).filter((name) => name.startsWith("lock")),
      [],
    );
  });

  test("says on stderr what it does, on the same data again at LINCHPIN_LOG_LEVEL=info", async () => {
    issuer = await startIssuer({ LINCHPIN_DATA: issuer.dataFolder, LINCHPIN_LOG_LEVEL: "info" });
    await fetch(`${issuer.url}/issuer/v1/keys`);
    issuer.kill("SIGINT");
    const { code, stderr } = await issuer.ended;
    assert.equal(code, 0);
    assert.match(stderr, /^\d\d:\d\d:\d\d\.\d{3} info refused .*credentials_missing/m);
  });

  test("finishes what it began before it ends", async () => {
    issuer = await startIssuer({ LINCHPIN_DATA: issuer.dataFolder });
    const { answer, finish } = beginToken(issuer.url);
    await untilBegun();
    issuer.kill("SIGTERM");
    await untilBegun();
    finish();
    assert.match(await answer, /access_token/);
    assert.equal((await issuer.ended).code, 0);
  });

  test("ends at once at a second signal", async () => {
    issuer = await startIssuer({ LINCHPIN_DATA: issuer.dataFolder });
    const { answer } = beginToken(issuer.url);
    answer.catch(() => {});
    await untilBegun();
    issuer.kill("SIGTERM");
    await untilBegun();
    issuer.kill("SIGTERM");
    assert.equal((await issuer.ended).code, 143);
    await assert.rejects(answer);
  });
});

/** Longer than the time in which a signal counts as the echo of the one before. */
const untilBegun = () => sleep(600);

/** A request whose body is yet to come. */
function beginToken(url: string): { answer: Promise<string>; finish: () => void } {
  const form = "grant_type=client_credentials&client_id=sandbox-solaris&client_secret=sandbox-solaris-secret";
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": form.length };
  const begun = request(`${url}/solaris/oauth2/token`, { method: "POST", headers });
  begun.write(form.slice(0, 10));
  const answer = new Promise<string>((resolve, reject) => {
    begun.on("error", reject);
    begun.on("response", (response) => resolve(text(response)));
  });
  return { answer, finish: () => begun.end(form.slice(10)) };
}
