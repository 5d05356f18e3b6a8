import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { javaProgram, needsJava } from "@linchpin/test-fixtures/system/java-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { CompactEncrypt, importJWK } from "jose";

interface PublishedKey {
  readonly kid: string;
  readonly n: string;
  readonly e: string;
}

const python = "/usr/bin/python3";
const beside = (file: string) => join(import.meta.dirname, file);
const sealInJava = javaProgram(beside("java/SealPin.java"));
const run = (program: string, ...programArguments: string[]) =>
  execFileSync(program, programArguments, { encoding: "utf8" }).trim();
const plaintextOf = (digits: string) => JSON.stringify({ pin: digits });

/** Other people's JWE, by other people's cryptography. */
const sealers: readonly {
  readonly name: string;
  readonly leftOut: string | false;
  readonly seal: (key: PublishedKey, plaintext: string) => string | Promise<string>;
}[] = [
  {
    name: "jose",
    leftOut: false,
    seal: async ({ kid, n, e }, plaintext) =>
      new CompactEncrypt(Buffer.from(plaintext))
        .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid })
        .encrypt(await importJWK({ kty: "RSA", n, e }, "RSA-OAEP-256")),
  },
  {
    name: "python3-jwcrypto",
    leftOut: needsProgram([python, "-c", "import jwcrypto"], "python3-jwcrypto"),
    seal: (key, plaintext) => run(python, beside("python/seal_pin.py"), JSON.stringify(key), plaintext),
  },
  {
    name: "Rhonabwy's rnbyc",
    leftOut: needsProgram(["rnbyc", "--version"], "rnbyc"),
    seal: (key, plaintext) => {
      const keys = JSON.stringify({ keys: [{ ...key, alg: "RSA-OAEP-256" }] });
      return run("rnbyc", "-s", plaintext, "-P", keys, "-l", "RSA-OAEP-256", "-e", "A256CBC-HS512");
    },
  },
  {
    name: "the JDK",
    leftOut: needsJava(),
    seal: ({ kid, n, e }, plaintext) => sealInJava([kid, n, e, plaintext, "SHA-256"]),
  },
];

describe("a PIN change made without a line of ours", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let published: PublishedKey;
  let folder: string;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
    published = (await holder.partner("GET", "/v1/cards/pin_keys/latest")).body;
    folder = await mkdtemp(join(tmpdir(), "linchpin-openssl-"));
  });
  after(async () => {
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [index, { name, leftOut, seal }] of sealers.entries())
    it(`sealed by ${name}: verifies natively`, { skip: leftOut }, async () => {
      const device = await holder.bindDevice();
      const first = `48${index}7`;
      assert.equal((await holder.changePin(first, device)).status, 204);
      const encrypted_pin = await seal(published, plaintextOf(first));
      const path = `/cards/${holder.sandbox.issuer.cardId}/pin/verify`;
      const answer = await holder.operator("POST", path, { encrypted_pin, key_id: published.kid });
      assert.deepEqual(answer.body, { result: "match", remainingAttempts: 3 });
      await holder.partner("DELETE", `/v1/mfa/devices/${device.deviceId}`);
    });

  const openssl = needsProgram(["openssl", "version"], "openssl");

  for (const [index, { name, leftOut, seal }] of sealers.entries())
    it(`sealed by ${name}, signed by openssl dgst: is done`, { skip: openssl || leftOut }, async () => {
      const deviceId = await bindOpensslDevice();
      const digits = `37${index}1`;
      const encrypted_pin = await seal(published, plaintextOf(digits));
      const change = {
        device_id: deviceId,
        encrypted_pin,
        key_id: published.kid,
        signature: await sign(encrypted_pin),
      };
      assert.equal((await holder.sendChange(change)).status, 204);
      assert.equal((await holder.verify(digits)).body.result, "match");
      await holder.partner("DELETE", `/v1/mfa/devices/${deviceId}`);
    });

  it("sealed with Java's default MGF1: is refused, and the sandbox says so", {
    skip: openssl || sealers[3]?.leftOut,
  }, async () => {
    const deviceId = await bindOpensslDevice();
    const { kid, n, e } = published;
    const encrypted_pin = sealInJava([kid, n, e, plaintextOf("1928"), "SHA-1"]);
    const change = { device_id: deviceId, encrypted_pin, key_id: kid, signature: await sign(encrypted_pin) };
    const answer = await holder.sendChange(change);
    assert.deepEqual([answer.status, answer.body.errors[0].code], [422, "invalid_encrypted_pin"]);
    assert.match(answer.body.errors[0].detail, /MGF1 with SHA-1, Java's default/);
  });

  /** A device whose key OpenSSL made and keeps. */
  async function bindOpensslDevice(): Promise<string> {
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", join(folder, "device.pem"));
    const spki = execFileSync("openssl", ["ec", "-in", join(folder, "device.pem"), "-pubout", "-outform", "DER"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const bound = await holder.partner("POST", "/v1/mfa/devices", {
      person_id: holder.sandbox.solaris.personId,
      key_type: "ecdsa-p256",
      key_purpose: "restricted",
      key: spki.subarray(-65).toString("hex"),
    });
    assert.equal(bound.status, 202);
    const signature = await sign(await holder.newestOtp());
    const path = `/v1/mfa/challenges/signatures/${bound.body.challenge.id}`;
    assert.equal((await holder.partner("PUT", path, { signature })).status, 204);
    return bound.body.id;
  }

  async function sign(text: string): Promise<string> {
    await writeFile(join(folder, "text"), text);
    const der = execFileSync("openssl", ["dgst", "-sha256", "-sign", join(folder, "device.pem"), join(folder, "text")]);
    return der.toString("hex");
  }
});
