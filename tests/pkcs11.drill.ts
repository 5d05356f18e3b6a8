import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import {
  makeSoftHsmToken,
  needsSoftHsm,
  needsTool,
  type TestToken,
} from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { call } from "@linchpin/testing/call";
import { NativeCardholder } from "@linchpin/testing/native";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "./issuer-process.ts";
import { assertPassed, runTests } from "./run-tests.ts";

const lacking = needsSoftHsm();

describe("an issuer with its keys in SoftHSM", { skip: lacking }, () => {
  let token: TestToken;
  let folder: string;
  let issuer: IssuerProcess;
  let environment: Record<string, string>;
  let holder: SolarisCardholder;
  let device: BoundDevice;

  before(async () => {
    token = await makeSoftHsmToken();
    folder = await mkdtemp(join(tmpdir(), "linchpin-pkcs11-"));
    await placeEmptyDatabase(join(folder, "store"));
    environment = { LINCHPIN_DATA: folder, LINCHPIN_VAULT: token.uri, LINCHPIN_LOG_LEVEL: "silent" };
    issuer = await startIssuerProcess(environment);
    holder = await SolarisCardholder.create(issuer.url);
    device = await holder.bindDevice();
    assert.equal((await holder.changePin("7391", device)).status, 204);
  });
  after(async () => {
    await issuer.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
    await token.remove();
  });
  const statusOf = async (path: string) => (await fetch(`${issuer.url}${path}`)).status;

  it("publishes the public key that is in the token, and has no master key", async (t) => {
    const lackingTool = needsTool();
    if (lackingTool !== false) return t.skip(lackingTool);
    const { body: pinKey } = await holder.partner("GET", "/v1/cards/pin_keys/latest");
    const { kid, n, e } = pinKey;
    assert.deepEqual(await readPublicKey(token, kid), { kty: "RSA", n, e });
    assert.ok(!(await readdir(folder)).includes("master.key"));
  });

  it("speaks the native protocol: what is sealed to the issuer opens by an agreement in the token", async () => {
    const native = await NativeCardholder.create(issuer.url);
    const key = await native.bind();
    assert.equal((await native.changePin("7391", key)).outcome?.result, "changed");
    assert.deepEqual((await native.verifyPin("7391", key)).outcome, { result: "match" });
    assert.equal(await native.revealedPin(key), "7391");
  });

  it("is not ready without the token, yet live, and ready again when it is back", async () => {
    const [here, away] = [join(token.folder, "tokens"), join(token.folder, "away")];
    await rename(here, away);
    await mkdir(here);
    assert.equal(await statusOf("/health/ready"), 503);
    assert.equal(await statusOf("/health/live"), 200);
    assert.ok((await holder.changePin("7392", device)).status >= 500);
    await rm(here, { recursive: true });
    await rename(away, here);
    await becomesReady(issuer.url);
    assert.equal((await holder.verify("7391")).body.result, "match");
    assert.equal((await holder.changePin("7393", device)).status, 204);
  });

  it("keeps every change that it answered while the module crashes again and again", async () => {
    const acknowledged = { digits: "7393", version: (await holder.card()).pin.version as number };
    let stopped = false;
    let crashes = 0;
    const crashing = (async () => {
      while (!stopped) {
        const [worker] = await workersOf(issuer);
        if (worker !== undefined) crashes += Number(process.kill(worker, "SIGSEGV"));
        await sleep(500);
      }
    })();
    for (let count = 0; count < 60; count++) {
      const digits = `19${20 + (count % 70)}`;
      const { status } = await holder.sendChange(await holder.sealAndSign(digits, device));
      if (status === 204) Object.assign(acknowledged, { digits, version: acknowledged.version + 1 });
      else assert.ok(status >= 500, `a crash is no reason for ${status}`);
    }
    stopped = true;
    await crashing;
    assert.ok(crashes > 0 && acknowledged.version > 1, "there were crashes and changes");
    await becomesReady(issuer.url);
    assert.equal((await holder.card()).pin.version, acknowledged.version);
    assert.equal((await holder.verify(acknowledged.digits)).body.result, "match");
    const audit = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "verify");
    assert.equal(audit.exitCode, 0, audit.output);
  });

  it("has its keys again after a restart", async () => {
    const before = (await holder.card()).pin.version;
    await issuer.kill("SIGTERM");
    issuer = await startIssuerProcess(environment, issuer.port);
    assert.equal((await holder.card()).pin.version, before);
    assert.equal((await holder.changePin("7394", device)).status, 204);
    assert.equal((await holder.verify("7394")).body.result, "match");
  });

  it("does not start on the software vault afterwards, and says what is missing", async () => {
    await issuer.kill("SIGTERM");
    const software = await runLinchpin(
      { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: folder, LINCHPIN_PORT: "0" },
      "serve",
    );
    assert.notEqual(software.exitCode, 0);
    assert.match(software.output, /LINCHPIN_FORMER_VAULT/);
    issuer = await startIssuerProcess(environment, issuer.port);
  });
});

describe("linchpin serve says what is wrong with a token", { skip: lacking }, () => {
  let token: TestToken;
  let folder: string;
  before(async () => {
    token = await makeSoftHsmToken();
    folder = await mkdtemp(join(tmpdir(), "linchpin-pkcs11-"));
    await placeEmptyDatabase(join(folder, "store"));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await token.remove();
  });
  const serve = (uri: string) =>
    runLinchpin({ LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: folder, LINCHPIN_PORT: "0", LINCHPIN_VAULT: uri }, "serve");

  const wrong: Record<string, [change: (uri: string) => string, says: RegExp]> = {
    "that is not there": [(uri) => uri.replace("linchpin%20test", "another"), /no token/],
    "whose module is not there": [(uri) => uri.replace("softhsm2.so", "none.so"), /module-path/],
    "whose PIN is in the variable": [(uri) => `${uri}&pin-value=4711`, /pin-source/],
    "whose PIN file is not there": [(uri) => uri.replace(/pin$/, "none"), /PIN file/],
  };
  for (const [what, [change, says]] of Object.entries(wrong))
    it(what, async () => {
      const { exitCode, output } = await serve(change(token.uri));
      assert.notEqual(exitCode, 0);
      assert.match(output, says);
      assert.ok(!output.includes("4711"));
    });

  it("whose PIN is wrong", async () => {
    await writeFile(token.pinFile, "00000000\n");
    const { exitCode, output } = await serve(token.uri);
    assert.notEqual(exitCode, 0);
    assert.match(output, /CKR_PIN_INCORRECT/);
    assert.ok(!output.includes("00000000"));
  });
});

describe("linchpin serve does not start on a token without raw RSA", { skip: lacking }, () => {
  it("says which keys need it, and what to change", async (t) => {
    const token = await makeSoftHsmToken("linchpin test", ["CKM_RSA_X_509"]);
    const folder = await mkdtemp(join(tmpdir(), "linchpin-pkcs11-"));
    await placeEmptyDatabase(join(folder, "store"));
    t.after(async () => {
      await rm(folder, { recursive: true, force: true });
      await token.remove();
    });
    const environment = {
      LINCHPIN_MODE: "sandbox",
      LINCHPIN_DATA: folder,
      LINCHPIN_PORT: "0",
      LINCHPIN_VAULT: token.uri,
    };
    const { exitCode, output } = await runLinchpin(environment, "serve");
    assert.notEqual(exitCode, 0);
    assert.match(output, /RSA-OAEP-256 \(.*\), which the keys for .*solaris-pin.* need/);
    assert.match(
      output,
      /RSA-PKCS1 \(.*\), which the keys for adyen-pin-change.* need: set LINCHPIN_ADYEN_KEY_WRAP=oaep/,
    );
  });
});

describe("every protocol passes with the keys in SoftHSM", { skip: lacking }, () => {
  let token: TestToken;
  before(async () => {
    token = await makeSoftHsmToken();
  });
  after(() => token.remove());

  // All of them take minutes: LINCHPIN_VAULT=pkcs11:… npm test -- 'packages/server/test/**/*.test.ts'
  const file = "tests/every-protocol/every-protocol.drill.ts";
  it(file, async () => {
    assertPassed(await runTests([file], { LINCHPIN_VAULT: token.uri }));
  });
});

async function becomesReady(url: string): Promise<void> {
  for (let asked = 0; asked < 200; asked++) {
    if ((await call("GET", `${url}/health/ready`)).status === 200) return;
    await sleep(100);
  }
  assert.fail("it is not ready again");
}

/** Process ids of an issuer's vault workers. */
async function workersOf({ pid }: IssuerProcess): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children
    .split(" ")
    .filter((id) => id !== "")
    .map(Number);
}

async function readPublicKey(token: TestToken, id: string) {
  const file = join(token.folder, "public.der");
  const words = ["--module", token.modulePath, "--token-label", token.label, "--read-object", "--type", "pubkey"];
  const idHex = Buffer.from(id).toString("hex");
  assert.equal(spawnSync("pkcs11-tool", [...words, "--id", idHex, "--output-file", file]).status, 0);
  return createPublicKey({ key: await readFile(file), format: "der", type: "spki" }).export({ format: "jwk" });
}
