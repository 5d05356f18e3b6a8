import assert from "node:assert/strict";
import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { SoftwareVault } from "@linchpin/vault";
import { withUnwrapped } from "../../src/mistakes/unwrap.ts";
import type { ExplainContext } from "../../src/sandbox-protocol.ts";
import vectors from "./two-rsa-keys.json" with { type: "json" };

const content = Buffer.from(vectors.contentHex, "hex");
const first = createPublicKey({ key: Buffer.from(vectors.first.spki, "base64"), format: "der", type: "spki" });
const second = createPublicKey({ key: Buffer.from(vectors.second.spki, "base64"), format: "der", type: "spki" });
const modulusBytes = 128;

describe("what was wrapped is found, by which key and scheme", () => {
  let context: ExplainContext;
  before(async () => {
    const masterKey = randomBytes(32);
    const make = async (id: "first" | "second") => {
      const { pkcs8, spki } = vectors[id];
      const keyPair = { secret: Buffer.from(pkcs8, "base64"), publicKeySpki: Buffer.from(spki, "base64") };
      const vault = new SoftwareVault(masterKey, { keyPairs: async () => keyPair });
      return { id, algorithm: "RSA-OAEP-256", purpose: id, ...(await vault.makeKey(id, "RSA-OAEP-256")) };
    };
    const keys = [await make("first"), await make("second")];
    context = { masterKey, keyring: { list: async () => keys } } as unknown as ExplainContext;
  });

  const find = (wrapped: Uint8Array) =>
    withUnwrapped(context, wrapped, (found) => found && { ...found, content: Buffer.from(found.content) });

  it("by OAEP to the second, where the first has a padding of PKCS#1 v1.5 by chance", async () => {
    const wrapped = Buffer.from(vectors.byOaepSha256, "base64");
    assert.ok(hasPkcs1Padding(wrapped));
    assert.deepEqual(await find(wrapped), { purpose: "second", keyId: "second", scheme: "OAEP-SHA256", content });
  });

  it("by PKCS#1 v1.5 to the second, where the first has such a padding by chance", async () => {
    const wrapped = Buffer.from(vectors.byPkcs1, "base64");
    assert.ok(hasPkcs1Padding(wrapped));
    assert.deepEqual(await find(wrapped), { purpose: "second", keyId: "second", scheme: "PKCS1", content });
  });

  for (const [what, wrappedContent] of Object.entries({
    "a key of 16 bytes": randomBytes(16),
    "a key of another length": Buffer.alloc(20, 0xff),
    "text of a key": Buffer.from(vectors.contentHex),
    JSON: Buffer.from('{ "nonce": "4f6c8a7e3b1d52904f6c8a7e3b1d5290", "pin": "2846", "more": 1 }'),
  }))
    it(`by PKCS#1 v1.5 to the first, ${what}`, async () => {
      const found = await find(publicEncrypt({ key: first, padding: constants.RSA_PKCS1_PADDING }, wrappedContent));
      assert.deepEqual(found, { purpose: "first", keyId: "first", scheme: "PKCS1", content: wrappedContent });
    });

  it("by none, where the padding that stands by chance has before it what nobody wraps", async () => {
    const encoded = Buffer.alloc(modulusBytes, 0xff);
    encoded.set([0, 2]);
    encoded[20] = 0;
    const wrapped = publicEncrypt({ key: first, padding: constants.RSA_NO_PADDING }, encoded);
    assert.ok(hasPkcs1Padding(wrapped));
    assert.equal(await find(wrapped), null);
  });

  it("by none of the issuer's keys", async () => {
    assert.equal(await find(Buffer.alloc(modulusBytes, 1)), null);
  });

  it("and is wiped", async () => {
    const wrapped = publicEncrypt({ key: second, oaepHash: "sha256" }, content);
    const kept = await withUnwrapped(context, wrapped, (found) => found?.content);
    assert.deepEqual(kept && Buffer.from(kept), Buffer.alloc(content.length));
  });
});

/** Under the first key. */
function hasPkcs1Padding(wrapped: Uint8Array): boolean {
  const key = createPrivateKey({ key: Buffer.from(vectors.first.pkcs8, "base64"), format: "der", type: "pkcs8" });
  const encoded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped);
  return encoded[0] === 0 && encoded[1] === 2 && encoded.indexOf(0, 2) >= 10;
}
