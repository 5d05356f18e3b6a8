import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants, createCipheriv, createDecipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BalancePlatformAPI, Client, Config, EnvironmentEnum } from "@adyen/api-library";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { AdyenCardholder } from "@linchpin/testing/adyen";

const python = "/usr/bin/python3";
const random = () => randomBytes(8).toString("hex");
const token = "8374188662676926";

describe("Adyen, without a line of ours on the device's side", () => {
  let issuer: SandboxIssuer;
  let holder: AdyenCardholder;
  let folder: string;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await AdyenCardholder.create(issuer.url);
    folder = await mkdtemp(join(tmpdir(), "linchpin-adyen-"));
  });
  after(async () => {
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const publicKey = async (purpose: string): Promise<Buffer> =>
    Buffer.from((await holder.partner("GET", `/publicKey?purpose=${purpose}`)).body.publicKey, "base64");

  describe("by the vendor's client", () => {
    /** Whose base URL is fixed: its HTTP client is exchanged for one that goes to our server. */
    const api = (apiKey = holder.apiKey) => {
      const config = new Config({ apiKey, environment: EnvironmentEnum.TEST });
      const httpClient: NonNullable<ConstructorParameters<typeof Client>[1]> = {
        request: async (endpoint, json, { apiKey = "" }, _isApiKeyRequired, { method = "POST", params } = {}) => {
          const { pathname } = new URL(endpoint);
          assert.ok(pathname.startsWith("/bcl/v2/"), "the client asks for the base path that we serve");
          const url = `${issuer.url}/adyen${pathname}?${new URLSearchParams(params as Record<string, string>)}`;
          const headers = { "x-api-key": apiKey, "content-type": "application/json" };
          const response = await fetch(url, { method, headers, ...(json === "" ? {} : { body: json.toString() }) });
          const body = await response.text();
          if (!response.ok) throw Object.assign(new Error(body), { statusCode: response.status });
          return body;
        },
      };
      return new BalancePlatformAPI(new Client(config, httpClient)).ManageCardPINApi;
    };

    it("fetches the keys, changes the PIN, and reveals it", async () => {
      const pin = api();
      const change = await pin.publicKey("pinChange", "pem");
      assert.match(change.publicKeyExpiryDate, /^\d{4}-\d{2}-\d{2}$/);
      const sessionKey = randomBytes(32);
      const changed = await pin.changeCardPin({
        paymentInstrumentId: holder.paymentInstrumentId,
        encryptedKey: wrap(createPublicKey(spki(change.publicKey)), sessionKey),
        encryptedPinBlock: makeBlock(sessionKey, "0480"),
        token,
      });
      assert.equal(String(changed.status), "completed");
      assert.equal((await holder.verify("0480")).body.result, "match");

      const { publicKey: jwk } = await pin.publicKey("pinReveal", "jwk");
      const revealKey = randomBytes(32);
      const revealed = await pin.revealCardPin({
        paymentInstrumentId: holder.paymentInstrumentId,
        encryptedKey: wrap(createPublicKey({ key: JSON.parse(jwk), format: "jwk" }), revealKey),
      });
      assert.match(openBlock(revealKey, revealed.encryptedPinBlock, revealed.token), /^440480AAAAAAAAAA/);
    });

    it("is told what is wrong in the shape that it knows", async () => {
      const request = {
        paymentInstrumentId: "PI3227C223222B5CMD2778FKG",
        encryptedKey: "A".repeat(512),
        encryptedPinBlock: "A".repeat(32),
        token,
      };
      await assert.rejects(api().changeCardPin(request), (error: Error & { statusCode: number }) => {
        assert.deepEqual([error.statusCode, JSON.parse(error.message).errorCode], [422, "30_031"]);
        return true;
      });
      await assert.rejects(api("wrong").publicKey(), { statusCode: 401 });
    });
  });

  it("wrapped by openssl pkeyutl, its block made by openssl enc: is done", {
    skip: needsProgram(["openssl", "version"], "openssl"),
  }, async () => {
    await writeFile(join(folder, "key.der"), await publicKey("pinChange"));
    const openssl = (words: string[], input: Buffer) => execFileSync("openssl", words, { input });
    const sessionKey = openssl(["rand", "32"], Buffer.alloc(0));
    const encrypt = (block: Buffer) =>
      openssl(["enc", "-aes-256-ecb", "-nopad", "-K", sessionKey.toString("hex")], block);
    const blockA = encrypt(Buffer.from(`442846AAAAAAAAAA${random()}`, "hex"));
    const encryptedPinBlock = encrypt(xor(blockA, panField(token))).toString("hex");
    const wrapWords = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", join(folder, "key.der")];
    const encryptedKey = openssl([...wrapWords, "-pkeyopt", "rsa_padding_mode:pkcs1"], sessionKey).toString("hex");
    const { paymentInstrumentId } = holder;
    const answer = await holder.sendChange({ paymentInstrumentId, encryptedKey, encryptedPinBlock, token });
    assert.deepEqual(answer.body, { status: "completed" });
    assert.equal((await holder.verify("2846")).body.result, "match");
  });

  it("wrapped and opened by python3-cryptography: is done, and revealed", {
    skip: needsProgram([python, "-c", "import cryptography"], "python3-cryptography"),
  }, async () => {
    const client = (...words: string[]) =>
      JSON.parse(
        execFileSync(python, [join(import.meta.dirname, "python/adyen_client.py"), ...words], { encoding: "utf8" }),
      );
    const { paymentInstrumentId } = holder;
    const change = client("change", (await publicKey("pinChange")).toString("base64"), "738291");
    const sixDigits = await holder.inProgram({ policy: { minLength: 6, maxLength: 6 } });
    const answer = await sixDigits.sendChange({ ...change, paymentInstrumentId: sixDigits.paymentInstrumentId });
    assert.deepEqual(answer.body, { status: "completed" });

    const reveal = client("wrap", (await publicKey("pinReveal")).toString("base64"));
    const request = { paymentInstrumentId: sixDigits.paymentInstrumentId, encryptedKey: reveal.encryptedKey };
    const { body } = await sixDigits.sendReveal(request);
    const { pinField } = client("open", reveal.sessionKey, body.encryptedPinBlock, body.token);
    assert.match(pinField, /^46738291aaaaaaaa/);

    const panReveal = client("wrap", (await publicKey("panReveal")).toString("base64"));
    const revealed = await holder.sendPanReveal({ paymentInstrumentId, encryptedKey: panReveal.encryptedKey });
    const card = client("open-pan", panReveal.sessionKey, revealed.body.encryptedData);
    assert.deepEqual(card, await holder.revealedPan());
  });

  it("wrapped by plain WebCrypto, where the issuer takes OAEP: is done", async () => {
    const oaepIssuer = await startSandboxIssuer({ environment: { LINCHPIN_ADYEN_KEY_WRAP: "oaep" } });
    const other = await AdyenCardholder.create(oaepIssuer.url, { keyWrap: "oaep" });
    const { body } = await other.partner("GET", "/publicKey?purpose=pinChange");
    const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
    const spkiBytes = Uint8Array.from(Buffer.from(body.publicKey, "base64"));
    const key = await crypto.subtle.importKey("spki", spkiBytes, oaep, false, ["encrypt"]);
    const sessionKey = crypto.getRandomValues(new Uint8Array(32));
    const encryptedKey = Buffer.from(await crypto.subtle.encrypt(oaep, key, sessionKey)).toString("hex");
    const encryptedPinBlock = makeBlock(Buffer.from(sessionKey), "2846");
    const { paymentInstrumentId } = other;
    const answer = await other.sendChange({ paymentInstrumentId, encryptedKey, encryptedPinBlock, token });
    await oaepIssuer.stop();
    assert.deepEqual(answer.body, { status: "completed" });
  });
});

const spki = (base64: string) => ({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" }) as const;

function wrap(key: ReturnType<typeof createPublicKey>, sessionKey: Buffer): string {
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, sessionKey).toString("hex").toUpperCase();
}

const panField = (digits: string) => Buffer.from(`4${digits}${"0".repeat(15)}`, "hex");

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));
}

/** The guide's steps. */
function makeBlock(sessionKey: Buffer, digits: string): string {
  const encrypt = (block: Buffer) => {
    const cipher = createCipheriv("aes-256-ecb", sessionKey, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]);
  };
  const blockA = encrypt(Buffer.from(`44${digits}AAAAAAAAAA${random()}`, "hex"));
  return encrypt(xor(blockA, panField(token)))
    .toString("hex")
    .toUpperCase();
}

function openBlock(sessionKey: Buffer, pinBlock: string, itsToken: string): string {
  const decrypt = (block: Buffer) => {
    const decipher = createDecipheriv("aes-256-ecb", sessionKey, null).setAutoPadding(false);
    return Buffer.concat([decipher.update(block), decipher.final()]);
  };
  const blockB = decrypt(Buffer.from(pinBlock, "hex"));
  return decrypt(xor(blockB, panField(itsToken)))
    .toString("hex")
    .toUpperCase();
}
