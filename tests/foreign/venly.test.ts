import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createCipheriv, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { call } from "@linchpin/testing/call";
import { assertVenlyError, transferBody, VenlyPartner, VenlyUser } from "@linchpin/testing/venly";

/** As `GET /api/security` has it. */
interface PublishedKey {
  readonly id: string;
  readonly publicKey: string;
}

const python = "/usr/bin/python3";
const client = join(import.meta.dirname, "python/venly_client.py");
const base64 = (data: ArrayBuffer | Uint8Array) => Buffer.from(data as Uint8Array).toString("base64");

/** Other people's envelopes, by other people's cryptography: JSON text in, JSON text out. */
const sealers: readonly {
  readonly name: string;
  readonly leftOut: string | false;
  readonly seal: (key: PublishedKey, content: string, folder: string) => string | Promise<string>;
}[] = [
  {
    name: "plain WebCrypto, in the form of the vendor's TypeScript example",
    leftOut: false,
    seal: async ({ id, publicKey }, content) => {
      const { subtle } = crypto;
      const aesKey = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const encrypted = await subtle.encrypt({ name: "AES-GCM", iv }, aesKey, new TextEncoder().encode(content));
      const spki = Buffer.from(publicKey, "base64");
      const rsaKey = await subtle.importKey("spki", spki, { name: "RSA-OAEP", hash: "SHA-256" }, true, ["encrypt"]);
      const encryptedKey = await subtle.encrypt({ name: "RSA-OAEP" }, rsaKey, await subtle.exportKey("raw", aesKey));
      return JSON.stringify({
        encryption: {
          type: "AES/GCM/NoPadding",
          key: { encryptedValue: base64(encryptedKey), encryptionKeyId: id },
          iv: base64(iv),
        },
        value: base64(encrypted),
      });
    },
  },
  {
    name: "OpenSSL's command line, which has no GCM: that is node:crypto's",
    leftOut: needsProgram(["openssl", "version"], "openssl"),
    seal: async ({ id, publicKey }, content, folder) => {
      const [contentKey, iv] = [randomBytes(32), randomBytes(12)];
      const [spki, plain] = [join(folder, "spki.der"), join(folder, "content.key")];
      await writeFile(spki, Buffer.from(publicKey, "base64"));
      await writeFile(plain, contentKey);
      const oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"];
      const options = oaep.flatMap((option) => ["-pkeyopt", option]);
      const input = ["-encrypt", "-pubin", "-keyform", "DER", "-inkey", spki, "-in", plain];
      const encryptedValue = base64(execFileSync("openssl", ["pkeyutl", ...input, ...options]));
      const cipher = createCipheriv("aes-256-gcm", contentKey, iv);
      const ciphertext = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
      return JSON.stringify({
        encryption: {
          type: "AES/GCM/NoPadding",
          key: { encryptedValue, encryptionKeyId: id },
          iv: base64(iv),
        },
        value: base64(ciphertext),
      });
    },
  },
  {
    name: "python3-cryptography",
    leftOut: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
    seal: (key, content) => execFileSync(python, [client, JSON.stringify(key), content], { encoding: "utf8" }).trim(),
  },
];

describe("a Venly request made without a line of ours", () => {
  let issuer: SandboxIssuer;
  let partner: VenlyPartner;
  let published: PublishedKey;
  let folder: string;

  before(async () => {
    issuer = await startSandboxIssuer();
    partner = await VenlyPartner.create(issuer.url);
    published = (await call("GET", `${partner.baseUrl}/api/security`)).body.result.encryptionKeys[0];
    folder = await mkdtemp(join(tmpdir(), "linchpin-venly-"));
  });
  after(async () => {
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const sha256 = async (text: string) => Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text)));
  const signed = async (user: VenlyUser, body: string, encoding: "hex" | "base64", more: object = {}) =>
    JSON.stringify({
      id: user.pin.id,
      value: user.pin.value,
      idempotencyKey: randomUUID(),
      signature: { type: "sha256", value: (await sha256(body)).toString(encoding) },
      ...more,
    });

  for (const { name, leftOut, seal } of sealers) {
    describe(name, () => {
      let user: VenlyUser;

      it("makes a user, by a sealed body", { skip: leftOut }, async () => {
        const content = JSON.stringify({ reference: "Test User", signingMethod: { type: "PIN", value: "123456" } });
        const { status, body } = await partner.send("POST", "/api/users", await seal(published, content, folder));
        assert.equal(status, 200);
        user = new VenlyUser(partner, body.result.id, { id: body.result.signingMethods[0].id, value: "123456" });
        assert.equal((await user.transfer()).status, 200);
      });

      for (const [encoding, path] of [
        ["hex", "/api/transactions/execute"],
        ["base64", "/api/transactions"],
      ] as const)
        it(`authorizes a transfer by a ${encoding} hash, once`, { skip: leftOut }, async () => {
          const header = base64(Buffer.from(await seal(published, await signed(user, transferBody, encoding), folder)));
          const { status, body } = await user.sendTransfer(transferBody, header, path);
          assert.equal(status, 200);
          assert.match(body.result.transactionHash, /^0x[0-9a-f]{64}$/);
          const again = await user.sendTransfer(transferBody, header, path);
          assertVenlyError(again, 409, "encryption.already-used");
        });

      it("changes a PIN, body and header sealed", { skip: leftOut }, async () => {
        const body = await seal(published, '{"value":"654321"}', folder);
        const header = base64(Buffer.from(await seal(published, await signed(user, body, "hex"), folder)));
        const path = `/api/users/${user.id}/signing-methods/${user.pin.id}`;
        const changed = await partner.send("PUT", path, body, { "encrypted-signing-method": header });
        assert.equal(changed.status, 200);
        assertVenlyError(await user.transfer(), 403, "pincode.incorrect");
        assert.equal((await user.transfer(transferBody, { ...user.pin, value: "654321" })).status, 200);
      });

      for (const [what, more] of [
        ["another kind of signature", { signature: { type: "sha512", value: "" } }],
        ["a hash cut short", { signature: { type: "sha256", value: "9ad9900886a75c33" } }],
        ["no signature", { signature: undefined }],
        ["no idempotency key", { idempotencyKey: undefined }],
        ["a value that is a number", { value: 123456 }],
        ["no value", { value: undefined }],
        ["a member that is not documented", { transactionRequest: {} }],
      ] as const)
        it(`is refused with ${what}`, { skip: leftOut }, async () => {
          const content = await signed(user, transferBody, "hex", more);
          const header = base64(Buffer.from(await seal(published, content, folder)));
          assertVenlyError(await user.sendTransfer(transferBody, header), 400, "encryption.invalid");
        });
    });
  }
});
