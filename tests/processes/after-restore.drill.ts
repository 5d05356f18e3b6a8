import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { SigningKey } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { type AcceptedSession, type OperationMessage, thumbprintOf } from "@linchpin/protocols/native/device";
import { linchpin } from "@linchpin/test-fixtures/command/linchpin";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { type Answer, call } from "@linchpin/testing/call";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";

/** A backup is restored after things happened that it does not know: docs/production.md, "Restore a backup". */
describe("a restored backup", { timeout: 600_000 }, () => {
  let folder: string;
  let port: number;
  let exportPath: string;
  let lastCheckpoint: string;
  let holder: SolarisCardholder;
  let device: BoundDevice;
  let other: SolarisCardholder;
  let otherDevice: BoundDevice;
  let adyen: { partnerId: string; clientId: string; clientSecret: string };
  let mallorysKey: string;
  let native: NativeCardholder;
  let nativeKeys: { readonly kept: SigningKey; readonly unbound: SigningKey };
  /** A native change that was carried out after the backup. */
  let nativeChange: { session: AcceptedSession; message: OperationMessage };
  let guessedId: string;
  let guessedCard: string;
  /** Changes that were answered 204 after the backup, the second one sealed to a key that was pending in it. */
  const captured: object[] = [];

  const at = (name: string) => join(folder, name);
  const start = (dataFolder: string): Promise<SandboxIssuer> =>
    startSandboxIssuer({ dataFolder, embedded: true, environment: { LINCHPIN_PORT: `${port}` } });
  const onStore = (dataFolder: string, ...args: string[]) =>
    linchpin(args, { environment: { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: dataFolder } });
  const url = () => `http://127.0.0.1:${port}`;
  const made = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    assert.ok(status < 300, JSON.stringify(body));
    return body;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-restore-"));
    port = await freePort();
    let issuer = await start(at("data"));
    holder = await SolarisCardholder.create(issuer.url);
    device = await holder.bindDevice();
    await made(holder.changePin("1928", device));
    other = await SolarisCardholder.create(issuer.url);
    otherDevice = await other.bindDevice();
    const partner = await made(
      holder.operator("POST", "/partners", { name: "A partner", mayRegisterMobileNumbers: true }),
    );
    const credential = { protocol: "adyen", roles: ["pin_reveal"] };
    const { clientId, clientSecret } = await made(
      holder.operator("POST", `/partners/${partner.id}/credentials`, credential),
    );
    adyen = { partnerId: partner.id, clientId, clientSecret };
    mallorysKey = (await made(holder.operator("POST", "/operators", { name: "mallory" }))).apiKey;
    await made(holder.operator("POST", "/keys/solaris-pin/make"));
    native = await NativeCardholder.create(issuer.url);
    nativeKeys = { kept: await native.bind(), unbound: await native.bind() };
    const guessed = await NativeCardholder.create(issuer.url);
    ({ personId: guessedId, cardId: guessedCard } = guessed.sandbox.native);
    await guessWrong(guessed);
    const session = await native.session(await native.wishOf("pin-change", nativeKeys.kept));
    nativeChange = { session, message: await sealedMessage(session, { pin: "1928" }, nativeKeys.kept) };
    await issuer.stop();
    await cp(at("data"), at("backup"), { recursive: true });

    issuer = await start(at("data"));
    await send(await captureChange("2846"));
    await made(holder.operator("POST", "/keys/solaris-pin/rotate"));
    await send(await captureChange("5082"));
    await made(holder.operator("DELETE", `/partners/${adyen.partnerId}/credentials/${adyen.clientId}`));
    await made(holder.operator("PATCH", `/partners/${adyen.partnerId}`, { mayRegisterMobileNumbers: false }));
    await made(holder.operator("DELETE", "/operators/mallory"));
    await made(holder.operator("PATCH", `/cards/${other.sandbox.issuer.cardId}`, { state: "blocked" }));
    await made(other.partner("DELETE", `/v1/mfa/devices/${otherDevice.deviceId}`));
    assert.equal((await sendNative()).outcome?.result, "changed");
    const { personId } = native.sandbox.native;
    await made(
      native.operator("DELETE", `/persons/${personId}/keys/${await thumbprintOf(primitives, nativeKeys.unbound)}`),
    );
    for (let guess = 0; guess < 9; guess++) await guessWrong(guessed);
    // A checkpoint is signed at the end, and exported after it.
    await issuer.stop();
    issuer = await start(at("data"));
    const environment = { LINCHPIN_URL: url() };
    exportPath = at("audit.jsonl");
    await writeFile(exportPath, (await linchpin(["audit", "export"], { environment })).stdout);
    ({ lastCheckpoint } = JSON.parse((await linchpin(["audit", "verify", "--json"], { environment })).stdout));
    await issuer.stop();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function captureChange(digits: string): Promise<object> {
    const request = await holder.sealAndSign(digits, device);
    captured.push(request);
    return request;
  }
  const sendNative = async () =>
    (await NativeCardholder.of(native.sandbox)).send(nativeChange.session, nativeChange.message);
  async function guessWrong(guessed: NativeCardholder): Promise<void> {
    const renewed = await NativeCardholder.of(guessed.sandbox);
    const key = await primitives.makeSigningKey();
    const session = await renewed.session({ op: "bind", auth: "code", key });
    const { outcome } = await renewed.seal(session, { code: "0000", digits: "00000000" }, key);
    assert.deepEqual(outcome, { result: "refused", code: "code_incorrect" });
  }
  const send = async (request: object) => made((await holder.renewed()).sendChange(request));
  const replay = async () => {
    const again = await holder.renewed();
    const answers = [];
    for (const request of captured) answers.push(await again.sendChange(request));
    return answers.map(({ status }) => status);
  };
  const byMallory = () => call("GET", `${url()}/issuer/v1/keys`, { bearer: mallorysKey });
  const byRevoked = () =>
    call("POST", `${url()}/adyen/bcl/v2/pins/reveal`, { headers: { "x-api-key": adyen.clientSecret }, body: {} });
  async function onRestored<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const issuer = await start(at(name));
    try {
      return await work();
    } finally {
      await issuer.stop();
    }
  }
  const restore = (name: string) => cp(at("backup"), at(name), { recursive: true });

  it("takes changes a second time and lets in whom it should not, where nothing else is done", async () => {
    await restore("untouched");
    await onRestored("untouched", async () => {
      assert.deepEqual(await replay(), [204, 204]);
      assert.equal((await sendNative()).outcome?.result, "changed");
      assert.equal((await byMallory()).status, 200);
      assert.notEqual((await byRevoked()).status, 401);
      assert.equal((await other.card()).state, "active");
    });
  });

  it("is described without a change by --dry-run", async () => {
    await restore("described");
    const run = () =>
      onStore(at("described"), "after-restore", "--export", exportPath, "--expect", lastCheckpoint, "--dry-run");
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Checkpoint \d+, which was noted, is not there: \d+ checkpoints are lost\./);
    assert.match(stdout, /^Keys that end, .*adyen-pan-reveal.*native-hpke, native-signing.*solaris-pin.*venly/m);
    assert.match(stdout, /^The export has [1-9]\d* events that are lost/m);
    assert.match(stdout, new RegExp(`^Credentials to revoke again: ${adyen.clientId}\\.$`, "m"));
    assert.match(stdout, /^Operators to delete again: mallory\.$/m);
    assert.match(stdout, new RegExp(`^Cards to set again: ${other.sandbox.issuer.cardId} blocked\\.$`, "m"));
    assert.match(stdout, new RegExp(`^Partners to set again: ${adyen.partnerId} may not register numbers\\.$`, "m"));
    assert.match(stdout, new RegExp(`^Devices to delete again: ${otherDevice.deviceId}\\.$`, "m"));
    const cardIds = [holder, native].map(({ sandbox }) => sandbox.issuer.cardId).join(", ");
    assert.match(stdout, new RegExp(`^Cards whose PIN is an earlier one.*: ${cardIds}\\.$`, "m"));
    const thumbprint = await thumbprintOf(primitives, nativeKeys.unbound);
    assert.match(stdout, new RegExp(`^Device keys to unbind again: ${thumbprint}\\.$`, "m"));
    assert.match(stdout, new RegExp(`^Persons whose wrong codes count again: ${guessedId} 10\\.$`, "m"));
    assert.equal((await run()).stdout, stdout);
  });

  it("serves safely after the command, with an export", async () => {
    await restore("completed");
    const { code, stdout, stderr } = await onStore(at("completed"), "after-restore", "--export", exportPath, "--yes");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^Servers may start\./m);
    await onRestored("completed", async () => {
      for (const status of await replay()) assert.equal(status, 422, "key_expired");
      assert.equal((await (await holder.renewed()).verify("1928")).body.result, "match");
      const renewed = await NativeCardholder.of(native.sandbox);
      assert.equal((await sendNative()).body.code, "session_unknown");
      assert.equal((await renewed.card()).pin.version, 0);
      const unbound = await renewed.ask(await renewed.wishOf("pin-change", nativeKeys.unbound));
      assert.equal(unbound.answer.body.code, "device_unknown");
      assert.equal((await renewed.changePin("8264", nativeKeys.kept)).outcome?.result, "changed");
      const locked = await renewed.ask(
        { op: "bind", auth: "code", key: await primitives.makeSigningKey() },
        guessedCard,
      );
      assert.equal(locked.answer.body.code, "code_locked");
      assert.equal((await byMallory()).status, 401);
      assert.equal((await byRevoked()).status, 401);
      assert.equal((await other.card()).state, "blocked");
      const partner = (await other.operator("GET", `/partners/${adyen.partnerId}`)).body;
      assert.equal(partner.mayRegisterMobileNumbers, false);
      const devices = await other.renewed().then((again) => again.changePin("6071", otherDevice));
      assert.ok(devices.status >= 400);
      assert.equal((await holder.partner("GET", "/v1/cards/pin_keys/latest")).status, 401, "the token of before");
      const again = await holder.renewed();
      assert.equal((await again.changePin("7391", device)).status, 204);
      const environment = { LINCHPIN_URL: url() };
      assert.equal((await linchpin(["audit", "verify"], { environment })).code, 0);
      assert.equal((await linchpin(["audit", "verify", "--expect", lastCheckpoint], { environment })).code, 1);
    });
    const again = await onStore(at("completed"), "after-restore", "--export", exportPath, "--yes");
    assert.equal(again.code, 0, "it can be run again");
    assert.doesNotMatch(
      again.stdout,
      /again: \S*mallory|Credentials to revoke|Cards to set|Partners to set|Devices to delete/,
    );
  });

  it("takes no change a second time after the command without an export, which says what it does not know", async () => {
    await restore("without-export");
    const { code, stdout } = await onStore(at("without-export"), "after-restore", "--yes");
    assert.equal(code, 0);
    assert.match(stdout, /Without --export it is not known what was revoked/);
    await onRestored("without-export", async () => {
      for (const status of await replay()) assert.equal(status, 422, "key_expired");
      assert.equal((await byMallory()).status, 200);
    });
  });

  it("is left alone where the export was altered, is another issuer's, or wants a yes", async () => {
    await restore("refused");
    const lines = (await import("node:fs"))
      .readFileSync(exportPath, "utf8")
      .replace('"outcome\\":\\"done', '"outcome\\":\\"gone');
    await writeFile(at("altered.jsonl"), lines);
    const altered = await onStore(at("refused"), "after-restore", "--export", at("altered.jsonl"), "--yes");
    assert.equal(altered.code, 1);
    assert.match(altered.stderr, /the audit of the export is broken, and nothing was changed/);
    const untrusted = ["--trust", "0".repeat(64), "--yes"];
    assert.equal((await onStore(at("refused"), "after-restore", "--export", exportPath, ...untrusted)).code, 1);
    assert.match((await onStore(at("refused"), "after-restore")).stderr, /--yes/);
    await onRestored("refused", async () => assert.deepEqual(await replay(), [204, 204]));
  });
});
