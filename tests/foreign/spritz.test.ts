import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SpritzCardholder } from "@linchpin/testing/spritz";

const python = "/usr/bin/python3";
const source = (name: string) => join(import.meta.dirname, name);
const run = (program: string, input: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8", input }).trim();

/** `set`: a message; `get`: a wrapped session key, and what opens the answer. As JSON, by other people's cryptography. */
interface Client {
  readonly name: string;
  readonly leftOut: string | false;
  readonly call: (task: object) => Record<string, string>;
}

const clients: readonly Client[] = [
  {
    name: "python3-cryptography",
    leftOut: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
    call: (task) => JSON.parse(run(python, JSON.stringify(task), source("spritz_client.py"))),
  },
  {
    name: "the JDK",
    leftOut: needsProgram(["java", "-version"], "default-jdk-headless"),
    call: (task) => JSON.parse(run("java", lines(task), source("SpritzClient.java"))),
  },
];

/** A line for each member: Java has no JSON of its own. */
const lines = (task: object) => Object.values(task).join("\n");

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
      for (const [index, { form, hash, pem }] of rows().entries())
        for (const ivBytes of [12, 16]) {
          const digits = `3${index}${ivBytes}7`.slice(0, 4);
          const task = { task: "set", hash, key: oneLine(pem), digits, ivBytes };
          const { encryptedKey = "", iv = "", data = "" } = call(task);
          const message = { encryptedKey, encryptedPin: { iv, data } };
          const set = await (form === "rain" ? holder.sendRainSet(message) : holder.sendSet(message));
          assert.equal(set.status, form === "rain" ? 204 : 200, JSON.stringify(set.body));
          assert.equal((await holder.verify(digits)).body.result, "match");
          const drawn = call({ task: "draw", hash, key: oneLine(pem), digits: "", ivBytes: 16 });
          const wrapped = drawn["encryptedKey"] ?? "";
          const get = await (form === "rain" ? holder.sendRainGet(wrapped) : holder.sendGet(wrapped));
          assert.equal(get.status, 200, JSON.stringify(get.body));
          const { encryptedPin } = get.body;
          const opened = call({
            ...{ task: "open", hash, key: drawn["sessionKey"], digits: encryptedPin.iv, ivBytes: encryptedPin.data },
          });
          assert.equal(opened["block"], `24${digits}FFFFFFFFFF`);
        }
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
