import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  makeSoftHsmToken,
  needsSoftHsm,
  needsSpy,
  spiedUri,
  type TestToken,
} from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";
import type { VaultKey } from "../../src/vault.ts";

const nothing = new Uint8Array();
const unavailable = { code: "unavailable" };
const lacking = needsSoftHsm();
const noSpy = lacking || needsSpy();

describe("a PKCS#11 vault whose module or token fails", { skip: lacking }, () => {
  let token: TestToken;
  let vault: Pkcs11Vault;
  let key: VaultKey;
  let ready: () => Promise<void>;
  before(async () => {
    token = await makeSoftHsmToken();
  });
  after(() => token.remove());
  beforeEach(async () => {
    ({ vault, ready } = await openWatched(token.uri));
    const id = crypto.randomUUID();
    key = { id, algorithm: "A256GCM", handle: (await vault.makeKey(id, "A256GCM")).handle };
    await ready();
  });
  afterEach(() => vault.close());
  const sealed = () => vault.seal(key, nothing, nothing);

  it("loses one worker when the module crashes, goes on with the other and gets a second one again", async () => {
    const [crashing, staying] = await workers();
    assert.ok(crashing !== undefined && staying !== undefined);
    process.kill(crashing, "SIGSEGV");
    await assertComesBack(sealed);
    assert.ok((await workers()).includes(staying));
    while ((await workers()).includes(crashing)) await sleep(20);
    await ready();
    assert.ok(!(await workers()).includes(crashing));
  });

  it("rejects what was under way in a crash, and computes again when all workers have crashed", async () => {
    const made = Array.from({ length: 4 }, () => vault.makeKey(crypto.randomUUID(), "RSA-OAEP-256"));
    const outcomes = Promise.allSettled(made);
    for (const worker of await workers()) process.kill(worker, "SIGSEGV");
    const rejected = (await outcomes).filter((outcome) => outcome.status === "rejected");
    assert.ok(rejected.length > 0, "nothing was under way");
    for (const { reason } of rejected) assert.equal(reason.code, "unavailable");
    await assertComesBack(sealed);
  });

  it("ends workers that hang, and replaces them", async () => {
    const hanging = await workers();
    for (const worker of hanging) process.kill(worker, "SIGSTOP");
    await assert.rejects(sealed(), unavailable);
    await assert.rejects(sealed(), unavailable);
    await assertComesBack(sealed);
    await ready();
    for (const worker of hanging) assert.ok(!(await workers()).includes(worker));
  });

  it("is unavailable while the token is away, and computes again when it is back", async () => {
    const before = await vault.seal(key, Buffer.from("kept"), nothing);
    const [here, away] = [join(token.folder, "tokens"), join(token.folder, "away")];
    await rename(here, away);
    await mkdir(here);
    await assert.rejects(sealed(), unavailable);
    await assert.rejects(vault.makeKey(crypto.randomUUID(), "A256GCM"), unavailable);
    await assert.rejects(vault.destroyKey(key), unavailable);
    await rm(here, { recursive: true });
    await rename(away, here);
    await assertComesBack(sealed);
    assert.equal(Buffer.from(await vault.open(key, before, nothing)).toString(), "kept");
  });

  it("answers at once after a token that went and came back between two calls", async () => {
    await sealed();
    const [here, away] = [join(token.folder, "tokens"), join(token.folder, "away")];
    await rename(here, away);
    await rename(away, here);
    await Promise.all([sealed(), sealed(), sealed(), sealed()]);
  });

  it("keeps the issuer's settings from the module's processes", async () => {
    process.env["LINCHPIN_MASTER_KEY"] = "not for a module";
    const [worker] = await workers();
    assert.ok(worker !== undefined);
    process.kill(worker, "SIGKILL");
    while ((await workers()).includes(worker)) await sleep(20);
    await ready();
    delete process.env["LINCHPIN_MASTER_KEY"];
    for (const pid of await workers()) {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8");
      assert.ok(environment.includes("SOFTHSM2_CONF="));
      assert.ok(!environment.includes("LINCHPIN_"));
    }
  });

  it("leaves no process behind when it is closed, also while one is starting", async () => {
    const other = await Pkcs11Vault.open(parseTokenUri(token.uri));
    await other.close();
    await vault.close();
    assert.deepEqual(await workers(), []);
    await assert.rejects(sealed(), unavailable);
  });
});

describe("a PKCS#11 vault whose PIN is wrong", { skip: noSpy }, () => {
  let token: TestToken;
  let log: string;
  before(async () => {
    token = await makeSoftHsmToken();
    log = join(token.folder, "calls");
    process.env["PKCS11SPY"] = token.modulePath;
    process.env["PKCS11SPY_OUTPUT"] = log;
  });
  beforeEach(async () => {
    await rm(log, { force: true });
    await writeFile(token.pinFile, `${token.pin}\n`);
  });
  after(async () => {
    delete process.env["PKCS11SPY"];
    delete process.env["PKCS11SPY_OUTPUT"];
    await token.remove();
  });
  const open = () => Pkcs11Vault.open(parseTokenUri(spiedUri(token)));
  const tries = async () => (existsSync(log) ? ((await readFile(log, "latin1")).match(/ C_Login$/gm)?.length ?? 0) : 0);

  it("tries it exactly once", async () => {
    await writeFile(token.pinFile, "00000000\n");
    await assert.rejects(open(), { code: "settings_invalid", reason: /CKR_PIN_INCORRECT/ });
    await sleep(500);
    assert.equal(await tries(), 1);
    assert.deepEqual(await workers(), []);
  });

  it("tries it once when it was right before, and never again", async (t) => {
    const { vault, ready } = await openWatched(spiedUri(token));
    t.after(() => vault.close());
    await ready();
    assert.equal(await tries(), 2);
    await writeFile(token.pinFile, "00000000\n");
    for (const worker of await workers()) process.kill(worker, "SIGKILL");
    for (let asked = 0; asked < 100 && (await tries()) < 3; asked++) await sleep(50);
    await writeFile(token.pinFile, token.pin);
    await sleep(1_000);
    await assert.rejects(vault.makeKey("a", "A256GCM"), { code: "settings_invalid", reason: /CKR_PIN_INCORRECT/ });
    assert.equal(await tries(), 3);
  });

  it("does not try one in a file that others can read, or that is not there", async () => {
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(token.pinFile, mode);
      await assert.rejects(open(), { code: "settings_invalid", reason: /PIN file .* open to others/ });
    }
    await chmod(token.pinFile, 0o600);
    await rm(token.pinFile);
    await assert.rejects(open(), { code: "settings_invalid", reason: /PIN file .* can not be read/ });
    await writeFile(token.pinFile, `${token.pin}\n`, { mode: 0o600 });
    assert.equal(await tries(), 0);
  });
});

/** Calls `ask` until it succeeds. Until the workers are replaced it may fail, with `unavailable`. */
async function assertComesBack(ask: () => Promise<unknown>): Promise<void> {
  for (let asked = 1; asked < 200; asked++) {
    const error = await ask().then(
      () => null,
      (cause) => cause,
    );
    if (error === null) return;
    assert.equal(error.code, "unavailable");
    await sleep(50);
  }
  await ask();
}

/** Opens a vault; `ready` resolves when both workers are logged in, replaced ones included. */
async function openWatched(uri: string) {
  let left = 2;
  const vault = await Pkcs11Vault.open(parseTokenUri(uri), {
    callTimeoutMs: 1_000,
    report: ({ state }) => {
      left += { ready: -1, lost: 1, ended: 1, refused: 0 }[state];
    },
  });
  const ready = async () => {
    for (let looked = 0; looked < 400 && left > 0; looked++) await sleep(50);
    assert.equal(left, 0);
  };
  return { vault, ready };
}

/** Process ids of the worker processes that this process started. */
async function workers(): Promise<number[]> {
  const threads = await readdir("/proc/self/task");
  const children = await Promise.all(threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, "utf8")));
  const ids = children.flatMap((line) => line.split(" ").filter((id) => id !== "")).map(Number);
  const commands = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return ids.filter((_, index) => commands[index]?.includes("pkcs11/worker"));
}
