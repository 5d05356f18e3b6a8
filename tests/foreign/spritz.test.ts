import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeSpritz } from "@linchpin/test-fixtures/messages/hand-made-spritz";
import { javaProgram, needsJava } from "@linchpin/test-fixtures/system/java-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SpritzCardholder } from "@linchpin/testing/spritz";
import Rain, { BadRequestError, NotFoundError } from "@rainapi/rain-sdk";

const python = "/usr/bin/python3";
const source = (name: string) => join(import.meta.dirname, name);
const run = (program: string, input: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8", input }).trim();

const inJava = javaProgram(source("java/SpritzClient.java"));

/**
 * Other people's cryptography. Tasks: `set` and `draw` make a message, `open` opens an answer. One process does all that
 * are given to it, as starting a JVM takes longer than they do.
 */
interface Client {
  readonly name: string;
  readonly leftOut: string | false;
  readonly call: (tasks: readonly object[]) => Record<string, string>[];
}

const clients: readonly Client[] = [
  {
    name: "python3-cryptography",
    leftOut: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
    call: (tasks) =>
      results(run(python, tasks.map((task) => JSON.stringify(task)).join("\n"), source("python/spritz_client.py"))),
  },
  {
    name: "the JDK",
    leftOut: needsJava(),
    call: (tasks) => results(inJava([], tasks.map(lines).join("\n"))),
  },
];

/** A line for each member: Java has no JSON of its own. */
const lines = (task: object) => Object.values(task).join("\n");
const results = (output: string): Record<string, string>[] => output.split("\n").map((line) => JSON.parse(line));

describe("messages by other people's cryptography", () => {
  let issuer: SandboxIssuer;
  let holder: SpritzCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SpritzCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const rows = () => {
    const { publicKey, rain } = holder.access;
    return [
      { form: "spritz", hash: "SHA-1", pem: publicKey },
      { form: "rain", hash: "SHA-512", pem: rain.publicKey },
      { form: "rain", hash: "SHA-1", pem: rain.legacyPublicKey },
    ] as const;
  };
  const oneLine = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");

  for (const { name, leftOut, call } of clients)
    it(`${name} sets a PIN and opens what is shown, in each row`, { skip: leftOut }, async () => {
      const cases = rows().flatMap((row, index) =>
        [12, 16].map((ivBytes) => ({
          ...row,
          key: oneLine(row.pem),
          ivBytes,
          digits: `3${index}${ivBytes}7`.slice(0, 4),
        })),
      );
      const made = call([
        ...cases.map(({ hash, key, digits, ivBytes }) => ({ task: "set", hash, key, digits, ivBytes })),
        ...cases.map(({ hash, key }) => ({ task: "draw", hash, key, digits: "", ivBytes: 16 })),
      ]);
      assert.equal(made.length, 2 * cases.length);
      const answers: object[] = [];
      for (const [index, { form, hash, digits }] of cases.entries()) {
        const { encryptedKey = "", iv = "", data = "" } = made[index] ?? {};
        const message = { encryptedKey, encryptedPin: { iv, data } };
        const set = await (form === "rain" ? holder.sendRainSet(message) : holder.sendSet(message));
        assert.equal(set.status, form === "rain" ? 204 : 200, JSON.stringify(set.body));
        assert.equal((await holder.verify(digits)).body.result, "match");
        const drawn = made[cases.length + index] ?? {};
        const wrapped = drawn["encryptedKey"] ?? "";
        const get = await (form === "rain" ? holder.sendRainGet(wrapped) : holder.sendGet(wrapped));
        assert.equal(get.status, 200, JSON.stringify(get.body));
        const { encryptedPin } = get.body;
        answers.push({
          ...{ task: "open", hash, key: drawn["sessionKey"], digits: encryptedPin.iv, ivBytes: encryptedPin.data },
        });
      }
      assert.deepEqual(
        call(answers).map(({ block }) => block),
        cases.map(({ digits }) => `24${digits}FFFFFFFFFF`),
      );
    });

  it("OpenSSL wraps the session key", { skip: needsProgram(["openssl", "version"], "openssl") }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "linchpin-openssl-"));
    try {
      const sealed = await holder.seal("7305", holder.issuerKey());
      assert.equal((await holder.sendSet(sealed)).status, 200);
      for (const { form, hash, pem } of rows()) {
        writeFileSync(join(folder, "key.pem"), pem);
        const digest = hash.replace("-", "").toLowerCase();
        const options = ["rsa_padding_mode:oaep", `rsa_oaep_md:${digest}`, `rsa_mgf1_md:${digest}`];
        const pkeyopt = options.flatMap((option) => ["-pkeyopt", option]);
        const text = execFileSync("openssl", ["rand", "-base64", "16"], { encoding: "utf8" }).trim();
        const wrap = ["pkeyutl", "-encrypt", "-pubin", "-inkey", join(folder, "key.pem"), ...pkeyopt];
        const wrapped = execFileSync("openssl", wrap, { input: text }).toString("base64");
        const { status, body } = await (form === "rain" ? holder.sendRainGet(wrapped) : holder.sendGet(wrapped));
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.encryptedPin.data.length, 44);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The client seals nothing: what it sends is made by hand on node:crypto. */
describe("the vendor's client, @rainapi/rain-sdk of npm", () => {
  let issuer: SandboxIssuer;
  let holder: SpritzCardholder;
  let rain: Rain;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SpritzCardholder.create(issuer.url);
    rain = clientOf(holder.access.apiKey);
  });
  after(() => issuer.stop());

  const clientOf = (apiKey: string, options = {}) =>
    new Rain({ apiKey, baseURL: `${holder.access.baseUrl}/v1/issuing`, ...options });
  const sealed = (block: string, key = randomBytes(16)) => {
    const message = handMadeSpritz(holder.access.rain.publicKey, block, { key, oaepHash: "sha512" });
    return { SessionId: message.encryptedKey, encryptedPin: message.encryptedPin };
  };
  const cardId = () => holder.access.cardId;

  it("sets a PIN and retrieves it", async () => {
    for (const digits of ["0471", "826493"]) {
      const card = digits.length === 4 ? holder : await holder.inProgram({ policy: { minLength: 6, maxLength: 6 } });
      const { cardId } = card.access;
      await rain.cards.pin.update(cardId, sealed(`2${digits.length}${digits}`.padEnd(16, "F")));
      assert.equal((await card.verify(digits)).body.result, "match");
      const key = randomBytes(16);
      const { SessionId } = sealed("", key);
      const { encryptedPin } = await rain.cards.pin.retrieve(cardId, { SessionId });
      const [iv, data] = [Buffer.from(encryptedPin.iv, "base64"), Buffer.from(encryptedPin.data, "base64")];
      const decipher = createDecipheriv("aes-128-gcm", key, iv).setAuthTag(data.subarray(16));
      const block = Buffer.concat([decipher.update(data.subarray(0, 16)), decipher.final()]).toString();
      assert.equal(block, `2${digits.length}${digits}`.padEnd(16, "F"));
    }
  });

  it("repeats a change whose answer was lost by its idempotency key, and it is made once", async () => {
    const before = (await holder.card()).pin.version;
    let losses = 1;
    const losing: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      if (losses-- > 0) throw new TypeError("the answer is lost");
      return response;
    };
    const idempotencyKey = randomUUID();
    const headers = { "Idempotency-Key": idempotencyKey };
    await clientOf(holder.access.apiKey, { fetch: losing }).cards.pin.update(cardId(), sealed("245917FFFFFFFFFF"), {
      headers,
    });
    assert.equal(losses, -1);
    assert.equal((await holder.card()).pin.version, before + 1);
  });

  it("takes each refusal for an error of its own kind, and repeats none", async () => {
    let requests = 0;
    const counting: typeof fetch = (...request) => {
      requests += 1;
      return fetch(...request);
    };
    const counted = clientOf(holder.access.apiKey, { fetch: counting });
    const used = sealed("243907FFFFFFFFFF");
    await rain.cards.pin.update(cardId(), used);
    const badRequest = (message: RegExp) => (error: unknown) =>
      error instanceof BadRequestError && message.test(error.message);
    await assert.rejects(counted.cards.pin.update(cardId(), used), badRequest(/Failed to set PIN, .*used before/));
    await assert.rejects(
      counted.cards.pin.retrieve(cardId(), { SessionId: used.SessionId }),
      badRequest(/Failed to get PIN, .*used before/),
    );
    await assert.rejects(
      counted.cards.pin.update(cardId(), sealed("241234FFFFFFFFFF")),
      badRequest(/Failed to set PIN, the PIN is a sequence of digits/),
    );
    await assert.rejects(
      counted.cards.pin.update(cardId(), { ...sealed("240471FFFFFFFFFF"), SessionId: "A".repeat(344) }),
      badRequest(/Failed to Decrypt Session ID, RSA Public key Not Matching/),
    );
    const none = (await holder.inProgram({})).access.cardId;
    const { SessionId } = sealed("");
    await assert.rejects(
      counted.cards.pin.retrieve(none, { SessionId }),
      (error) => error instanceof NotFoundError && /card does not have PIN set/.test(error.message),
    );
    await assert.rejects(clientOf("another key").cards.pin.retrieve(cardId(), { SessionId }), { status: 401 });
    assert.equal(requests, 5);
  });
});
