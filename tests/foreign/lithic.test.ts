import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeLithicPin, messageOf } from "@linchpin/test-fixtures/messages/hand-made-lithic";
import { javaProgram, needsJava } from "@linchpin/test-fixtures/system/java-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { LithicCardholder } from "@linchpin/testing/lithic";
import Lithic from "lithic";

const python = "/usr/bin/python3";
const run = (program: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8" }).trim();

/** Other people's RSA. `message` is what is sealed. */
const sealers: readonly {
  readonly name: string;
  readonly leftOut: string | false;
  readonly seal: (pem: string, message: string) => string;
}[] = [
  { name: "OpenSSL", leftOut: needsProgram(["openssl", "version"], "openssl"), seal: sealByOpenssl },
  {
    name: "python3-cryptography",
    leftOut: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
    seal: (pem, message) => run(python, "-c", sealByPython, pem, message),
  },
  { name: "the JDK", leftOut: needsJava(), seal: (pem, message) => sealInJava([pem, message]) },
];

const sealByPython = `
import base64, sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key
oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
print(base64.b64encode(load_pem_public_key(sys.argv[1].encode()).encrypt(sys.argv[2].encode(), oaep)).decode())`;

const sealInJava = javaProgram(join(import.meta.dirname, "java/SealLithicPin.java"));

describe("the vendor's client, lithic of npm", () => {
  let issuer: SandboxIssuer;
  let holder: LithicCardholder;
  let lithic: Lithic;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await LithicCardholder.create(issuer.url);
    lithic = clientOf(holder.apiKey);
  });
  after(() => issuer.stop());

  const clientOf = (apiKey: string, options: { fetch?: typeof fetch } = {}) =>
    new Lithic({ apiKey, baseURL: `${issuer.url}/lithic`, ...options });
  const sealed = async (digits: string) => handMadeLithicPin(await holder.publicKeyPem(), messageOf(digits));
  const matches = async (digits: string) => (await holder.verify(digits)).body.result === "match";

  it("sets and changes a PIN", async () => {
    for (const digits of ["0471", "8264"]) {
      const card = await lithic.cards.update(holder.cardToken, { pin: await sealed(digits) });
      assert.deepEqual([card.token, card.pin_status, card.state], [holder.cardToken, "OK", "OPEN"]);
      assert.ok(await matches(digits));
    }
  });

  it("creates a card with a PIN, reads, pauses and closes it", async () => {
    const made = await lithic.cards.create({ type: "VIRTUAL", pin: await sealed("5917"), memo: "Travel" });
    assert.deepEqual([made.pin_status, made.memo], ["OK", "Travel"]);
    assert.deepEqual({ ...(await lithic.cards.retrieve(made.token)) }, { ...made });
    assert.equal((await lithic.cards.update(made.token, { state: "PAUSED" })).state, "PAUSED");
    assert.equal((await lithic.cards.update(made.token, { state: "OPEN" })).state, "OPEN");
    assert.equal((await lithic.cards.update(made.token, { state: "CLOSED" })).state, "CLOSED");
  });

  it("creates one card for one idempotency key", async () => {
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const [one, two] = [
      await lithic.cards.create({ type: "VIRTUAL", ...key }),
      await lithic.cards.create({ type: "VIRTUAL", ...key }),
    ];
    assert.equal(two.token, one.token);
  });

  it("unblocks a PIN that was typed wrong three times", async () => {
    await lithic.cards.update(holder.cardToken, { pin: await sealed("3907") });
    for (const wrong of ["1111", "2222", "3333"]) await holder.verify(wrong);
    assert.equal((await lithic.cards.retrieve(holder.cardToken)).pin_status, "BLOCKED");
    assert.equal((await lithic.cards.update(holder.cardToken, { pin_status: "OK" })).pin_status, "OK");
    assert.ok(await matches("3907"));
  });

  it("repeats a change whose answer was lost by itself, and is told that the PIN was used", async () => {
    let sent = 0;
    const losesFirst: typeof fetch = async (...request) => {
      const answer = await fetch(...request);
      if (++sent === 1) throw new TypeError("the connection was lost");
      return answer;
    };
    const client = clientOf(holder.apiKey, { fetch: losesFirst });
    await assert.rejects(client.cards.update(holder.cardToken, { pin: await sealed("2846") }), {
      status: 400,
      message: /PIN has already been used/,
    });
    assert.equal(sent, 2);
    assert.ok(await matches("2846"));
  });

  it("takes each refusal for an error of its status, and repeats none", async () => {
    let sent = 0;
    const counting: typeof fetch = (...request) => {
      sent++;
      return fetch(...request);
    };
    const client = clientOf(holder.apiKey, { fetch: counting });
    const update = (pin: string) => client.cards.update(holder.cardToken, { pin });
    await assert.rejects(update(await sealed("1234")), { status: 400, message: /PIN is not allowed/ });
    await assert.rejects(update("0471"), { status: 400, message: /Could not decrypt PIN/ });
    await assert.rejects(client.cards.retrieve("none"), { status: 404, message: /Card not found/ });
    await assert.rejects(clientOf("wrong").cards.retrieve(holder.cardToken), { status: 401 });
    assert.equal(sent, 3);
  });

  for (const { name, leftOut, seal } of sealers)
    it(`and a PIN that ${name} sealed is taken`, { skip: leftOut }, async () => {
      const answer = await holder.sendPin(seal(await holder.publicKeyPem(), messageOf("2708")));
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(await matches("2708"));
      await holder.changePin("6135");
    });
});

function sealByOpenssl(pem: string, message: string): string {
  return inFolder((folder) => {
    writeFileSync(join(folder, "key.pem"), pem);
    const oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1"];
    const encrypt = ["pkeyutl", "-encrypt", "-pubin", "-inkey", join(folder, "key.pem"), ...oaep];
    return execFileSync("openssl", encrypt, { input: message }).toString("base64");
  });
}

function inFolder<Result>(act: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-lithic-"));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
