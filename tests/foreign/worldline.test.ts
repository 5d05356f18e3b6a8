import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { javaProgram, needsJava } from "@linchpin/test-fixtures/system/java-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { WorldlineCardholder } from "@linchpin/testing/worldline";

const python = "/usr/bin/python3";
const here = import.meta.dirname;
const run = (program: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8" }).trim();
const words = (output: string): [string, string] => output.split(" ") as [string, string];

/** A bank's half by other people's cryptography; all in hex, but for keys, which are base64 of an SPKI. */
interface Bank {
  readonly name: string;
  readonly leftOut: string | false;
  /** `encryptedData` and `pinBlock`. */
  readonly set: (publicKey: string, pan: string, pin: string) => [string, string];
  /** `encryptedData` and the session key. */
  readonly wrap: (publicKey: string) => [string, string];
  readonly open: (sessionKey: string, pinBlock: string, pan: string) => string;
}

const byPython = (...given: string[]) => run(python, join(here, "python/worldline_client.py"), ...given);
const inJava = javaProgram(join(here, "java/WorldlinePin.java"));
const byJava = (...given: string[]) => inJava(given);

const banks: readonly Bank[] = [
  {
    name: "OpenSSL",
    leftOut: needsProgram(["openssl", "version"], "openssl"),
    set: (publicKey, pan, pin) => {
      const sessionKey = randomBytes(32);
      const field = `4${pin.length.toString(16)}${pin}`.padEnd(16, "a") + randomBytes(8).toString("hex");
      const first = aesByOpenssl("-e", sessionKey, Buffer.from(field, "hex"));
      const block = aesByOpenssl("-e", sessionKey, combined(first, pan));
      return [wrapByOpenssl(publicKey, sessionKey), block.toString("hex")];
    },
    wrap: (publicKey) => {
      const sessionKey = randomBytes(32);
      return [wrapByOpenssl(publicKey, sessionKey), sessionKey.toString("hex")];
    },
    open: (sessionKey, pinBlock, pan) => {
      const key = Buffer.from(sessionKey, "hex");
      const first = aesByOpenssl("-d", key, Buffer.from(pinBlock, "hex"));
      const field = aesByOpenssl("-d", key, combined(first, pan)).toString("hex");
      return field.slice(2, 2 + Number.parseInt(field[1] ?? "", 16));
    },
  },
  {
    name: "python3-cryptography",
    leftOut: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
    set: (publicKey, pan, pin) => words(byPython("set", publicKey, pan, pin)),
    wrap: (publicKey) => words(byPython("wrap", publicKey)),
    open: (sessionKey, pinBlock, pan) => byPython("open", sessionKey, pinBlock, pan),
  },
  {
    name: "the JDK",
    leftOut: needsJava(),
    set: (publicKey, pan, pin) => words(byJava("set", publicKey, pan, pin, "SHA-256")),
    wrap: (publicKey) => words(byJava("wrap", publicKey, "SHA-256")),
    open: (sessionKey, pinBlock, pan) => byJava("open", sessionKey, pinBlock, pan),
  },
];

describe("Worldline, without a line of ours on the bank's side", () => {
  let issuer: SandboxIssuer;
  let holder: WorldlineCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await WorldlineCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const attribute = (encryptedData: string, pinBlock: string, keyId: string) => ({
    pinAttribute: {
      pinAlgorithmId: "04",
      pinBlock,
      pinBlockFormat: "ISO-4",
      encryptedSessionKey: { algoId: "06", encryptedData, keyId },
    },
  });

  for (const { name, leftOut, set, wrap, open } of banks)
    it(`${name} sets a PIN, and opens the one that is displayed`, { skip: leftOut }, async () => {
      const { pan } = holder.access;
      for (const [digits, keyId] of [
        ["0471", "01"],
        ["8264", "02"],
      ] as const) {
        const publicKey = await holder.keySet(keyId);
        const answer = await holder.card("pin", attribute(...set(publicKey, pan, digits), keyId));
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.equal((await holder.verify(digits)).body.result, "match");
        const [encryptedData, sessionKey] = wrap(publicKey);
        const shown = await holder.card("display-pin", {
          encryptedSessionKey: { algoId: "06", encryptedData, keyId },
        });
        assert.equal(shown.status, 200, JSON.stringify(shown.body));
        const { externalPinAttribute } = shown.body.data;
        assert.equal(externalPinAttribute.keyId, keyId);
        assert.equal(open(sessionKey, externalPinAttribute.pinBlock, pan), digits);
      }
    });

  it("the JDK with its default MGF1 is refused, and told why", { skip: banks[2]?.leftOut ?? false }, async () => {
    const [encryptedData, pinBlock] = words(byJava("set", await holder.keySet(), holder.access.pan, "5917", "SHA-1"));
    const { status, body } = await holder.card("pin", attribute(encryptedData, pinBlock, "01"));
    assert.equal(status, 400);
    assert.match(body.responseMetadata.statusMessage, /^Bad request: .*MGF1 with SHA-1, Java's default/);
  });
});

function combined(block: Buffer, pan: string): Buffer {
  const mask = Buffer.from(`${pan.length - 12}${pan}`.padEnd(32, "0"), "hex");
  return Buffer.from(block.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

function aesByOpenssl(direction: "-e" | "-d", key: Buffer, block: Buffer): Buffer {
  const cipher = ["enc", direction, `-aes-${8 * key.length}-ecb`, "-nopad", "-K", key.toString("hex")];
  return execFileSync("openssl", cipher, { input: block });
}

function wrapByOpenssl(publicKey: string, sessionKey: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "linchpin-openssl-"));
  try {
    const file = join(folder, "key.der");
    writeFileSync(file, Buffer.from(publicKey, "base64"));
    const oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"];
    const options = oaep.flatMap((option) => ["-pkeyopt", option]);
    const encrypt = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", file, ...options];
    return execFileSync("openssl", encrypt, { input: sessionKey }).toString("hex");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
