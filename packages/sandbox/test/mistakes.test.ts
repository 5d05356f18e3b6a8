import assert from "node:assert/strict";
import { createCipheriv, createECDH, createHash, createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { pinFieldOf } from "@linchpin/test-fixtures/messages/hand-made-adyen";
import type { ContentCipherEvidence } from "../src/mistakes/content-cipher.ts";
import { findNumbers, findShape } from "../src/mistakes/find-shape.ts";
import { explainBy, type Mistakes } from "../src/mistakes/mistake.ts";
import { mistakes } from "../src/mistakes/mistake-table.ts";
import type { RsaWrapEvidence } from "../src/mistakes/rsa-wrap.ts";
import type { MessageWrapEvidence } from "../src/mistakes/sealed-message.ts";

// Each row of the table, by a message in which the mistake was made with node:crypto; the rows that need a key of the
// issuer's, and how each protocol comes to its rows, are in explain.test.ts. A row without a test does not compile.

type Table = typeof mistakes;
type EvidenceOf<Rows> = Rows extends Mistakes<infer Evidence> ? Evidence : never;
type Cases = {
  readonly [Mechanism in keyof Table]: Readonly<Record<keyof Table[Mechanism], () => EvidenceOf<Table[Mechanism]>>>;
};

const key = randomBytes(32);
const found = { purpose: "venly", keyId: "1", scheme: "OAEP-SHA256", content: key } as const;
const expected = { purpose: "venly", scheme: "OAEP-SHA256", contentKeyBytes: 32, keyId: "1" } as const;
const wrap = (about: Partial<RsaWrapEvidence> = {}): RsaWrapEvidence => ({
  wrapped: randomBytes(256),
  found,
  expected,
  ...about,
});

const messageWrap = (found: MessageWrapEvidence["found"]): MessageWrapEvidence => ({
  found,
  expected: { purpose: "lithic-pin", scheme: "OAEP-SHA1" },
});

const json = Buffer.from('{"value":"192837"}');
const none = new Uint8Array(0);
const sealed = (about: Partial<ContentCipherEvidence>): ContentCipherEvidence => ({
  cipher: "AES-256-GCM",
  contentKey: key,
  iv: randomBytes(12),
  ciphertext: none,
  tag: none,
  aad: none,
  ...about,
});
function gcm(iv: Buffer): { ciphertext: Buffer; tag: Buffer } {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const ciphertext = Buffer.concat([cipher.update(json), cipher.final()]);
  return { ciphertext, tag: cipher.getAuthTag() };
}
function ivOf(length: number): Buffer {
  return randomBytes(length);
}

const token = "8374188662676926";
const pad = (field: string) => Buffer.from(field.padEnd(32, "0"), "hex");
function ecb(block: Uint8Array, padding = false): Buffer {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(padding);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}
function blockOf(pinField: string, ofToken = token): Buffer {
  const panField = pad(`4${ofToken}`);
  return ecb(ecb(Buffer.from(pinField, "hex")).map((byte, index) => byte ^ (panField[index] ?? 0)));
}
function cbcOf(...blocks: Uint8Array[]): Buffer {
  const cipher = createCipheriv("aes-256-cbc", key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([...blocks.map((block) => cipher.update(block)), cipher.final()]);
}
const pan = "5041151234567890";
const pinFieldBytes = Buffer.from(pinFieldOf("2846"), "hex");
const xor = (block: Uint8Array, mask: Uint8Array) => block.map((byte, index) => byte ^ (mask[index] ?? 0));
const bound = (block: Buffer) => ({ sessionKey: key, block, pan });
const pinBlock = (block: Buffer) => ({ sessionKey: key, block, token });

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const body = Buffer.from('{ "to": "a b", "value": "\\" 1" }');
const bodyHash = (hashed: Uint8Array, clear: Uint8Array | null = null) => ({ claimed: sha256(hashed), body, clear });

const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const spki = p256.export({ format: "der", type: "spki" });
const compressed = (() => {
  const ecdh = createECDH("prime256v1");
  ecdh.generateKeys();
  return ecdh.getPublicKey(null, "compressed");
})();
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "der", type: "spki" });
const base64Key = (text: string) => ({ text, encoding: "base64" }) as const;
const dashed = Buffer.concat([spki.subarray(0, 60), Buffer.from("fbffbf", "hex"), spki.subarray(63)]);

const member = { name: "encryption.iv", encoding: "base64", lengthBytes: 12 } as const;
const hexMember = { name: "encryptedKey", encoding: "hex", lengthBytes: 256 } as const;
const schema = { properties: { pin: { type: "string" }, note: { type: ["string", "null"] } } };

const jweText = (text: string) => ({ name: "pin", text, expected: { alg: "RSA-OAEP", enc: "A128CBC-HS256" } });

const key128 = randomBytes(16);
const wrappedText = (text: string) => ({ content: Buffer.from(text), wrapped: "base64" }) as const;
function sealedBlock(text: string | Buffer, arrange = (ciphertext: Buffer, tag: Buffer) => [ciphertext, tag]) {
  const iv = ivOf(16);
  const cipher = createCipheriv("aes-128-gcm", key128, iv);
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return { sessionKey: key128, iv, ciphertext: Buffer.concat(arrange(ciphertext, cipher.getAuthTag())) };
}

const cases: Cases = {
  rsaWrap: {
    rsa1024: () => wrap({ wrapped: randomBytes(128) }),
    otherLength: () => wrap({ wrapped: randomBytes(255) }),
    mgf1Sha1: () => wrap({ found: { ...found, scheme: "OAEP-SHA256-MGF1-SHA1" } }),
    sha512Mgf1Sha1: () => wrap({ found: { ...found, scheme: "OAEP-SHA512-MGF1-SHA1" } }),
    oaepSha512: () => wrap({ found: { ...found, scheme: "OAEP-SHA512" } }),
    oaepSha1: () => wrap({ found: { ...found, scheme: "OAEP-SHA1" } }),
    oaepSha256: () => wrap({ expected: { ...expected, scheme: "PKCS1" } }),
    pkcs1: () => wrap({ found: { ...found, scheme: "PKCS1" } }),
    otherPurpose: () => wrap({ found: { ...found, purpose: "solaris-pin" } }),
    otherVersion: () => wrap({ found: { ...found, keyId: "2" } }),
    wrappedAsText: () => wrap({ found: { ...found, content: Buffer.from(key.toString("base64")) } }),
    keyOf24Bytes: () => wrap({ found: { ...found, content: randomBytes(24) } }),
    otherKeyLength: () => wrap({ found: { ...found, content: randomBytes(16) } }),
    otherKey: () => wrap({ found: null }),
  },
  wrappedText: {
    textForBytes: () => ({ content: Buffer.from(key128.toString("base64")), wrapped: "raw" }),
    bytesForText: () => ({ content: key128, wrapped: "base64" }),
    hexText: () => wrappedText(key128.toString("hex")),
    base64OfHex: () => wrappedText(btoa(key128.toString("hex"))),
    longKey: () => wrappedText(key.toString("base64")),
    base64url: () => wrappedText(Buffer.alloc(16, 0xff).toString("base64url")),
    otherText: () => wrappedText("session key"),
  },
  contentCipher: {
    tagFirst: () => {
      const iv = ivOf(12);
      const { ciphertext, tag } = gcm(iv);
      return sealed({ iv, ciphertext: Buffer.concat([tag, ciphertext]) });
    },
    longIv: () => {
      const iv = ivOf(16);
      const { ciphertext, tag } = gcm(iv);
      return sealed({ iv, ciphertext: Buffer.concat([ciphertext, tag]) });
    },
    noTag: () => {
      const iv = ivOf(12);
      return sealed({ iv, ciphertext: gcm(iv).ciphertext });
    },
    cbc: () => {
      const iv = ivOf(16);
      const cipher = createCipheriv("aes-256-cbc", key, iv);
      return sealed({ iv, ciphertext: Buffer.concat([cipher.update(json), cipher.final()]) });
    },
    keyHalvesSwapped: () => {
      const contentKey = randomBytes(64);
      const [iv, ciphertext, aad] = [ivOf(16), randomBytes(32), Buffer.from("header")];
      const aadBits = Buffer.from([0, 0, 0, 0, 0, 0, 0, 48]);
      const mac = createHmac("sha512", contentKey.subarray(32)).update(aad).update(iv).update(ciphertext);
      const tag = mac.update(aadBits).digest().subarray(0, 32);
      return { cipher: "A256CBC-HS512", contentKey, iv, ciphertext, tag, aad };
    },
    otherAad: () => {
      const [iv, ciphertext, aad] = [ivOf(16), randomBytes(16), Buffer.from("header")];
      const mac = createHmac("sha256", key.subarray(0, 16)).update(iv).update(ciphertext).update(Buffer.alloc(8));
      const tag = mac.digest().subarray(0, 16);
      return { cipher: "A128CBC-HS256", contentKey: key, iv, ciphertext, tag, aad };
    },
  },
  jweText: {
    clear: () => jweText("0471"),
    jsonSerialized: () => jweText('{"protected":"e30"}'),
    encodedAgain: () => jweText(btoa("eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d")),
    padded: () => jweText("eyJ9.YQ==.YQ.YQ.YQ"),
    otherAlgorithm: () => jweText(`${btoa('{"alg":"RSA-OAEP","enc":"A256GCM"}').replace(/=*$/, "")}.a.b.c.d`),
  },
  sealedDigits: {
    json: () => ({ clear: Buffer.from('{"pin":"0471"}') }),
    quoted: () => ({ clear: Buffer.from('"0471"') }),
    whiteSpace: () => ({ clear: Buffer.from("0471\n") }),
    tooShort: () => ({ clear: Buffer.from("471") }),
  },
  ciphertextText: {
    clear: () => ({ name: "pin", text: "0471", lengthBytes: 512 }),
    jwe: () => ({ name: "pin", text: "eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA", lengthBytes: 512 }),
    encodedAgain: () => ({ name: "pin", text: btoa(randomBytes(512).toString("base64")), lengthBytes: 512 }),
    otherKeyLength: () => ({ name: "pin", text: randomBytes(256).toString("base64"), lengthBytes: 512 }),
  },
  messageWrap: {
    pkcs1: () => messageWrap({ purpose: "lithic-pin", scheme: "PKCS1" }),
    mgf1Sha1: () => messageWrap({ purpose: "lithic-pin", scheme: "OAEP-SHA256-MGF1-SHA1" }),
    oaepSha256: () => messageWrap({ purpose: "lithic-pin", scheme: "OAEP-SHA256" }),
    otherPurpose: () => messageWrap({ purpose: "stripe-pin", scheme: "OAEP-SHA1" }),
    otherKey: () => messageWrap(null),
  },
  noncedPin: {
    byteOrderMark: () => ({ clear: Buffer.from('\ufeff{"nonce":12345678,"pin":"0471"}') }),
    utf16: () => ({ clear: Buffer.from('{"nonce":12345678,"pin":"0471"}', "utf16le") }),
    jwe: () => ({ clear: Buffer.from("eyJhbGciOiJSU0EtT0FFUCJ9.AAAA") }),
    digitsAlone: () => ({ clear: Buffer.from("0471") }),
    noNonce: () => ({ clear: Buffer.from('{"pin":"0471"}') }),
    pinAsNumber: () => ({ clear: Buffer.from('{"nonce":12345678,"pin":4711}') }),
    nonceAsText: () => ({ clear: Buffer.from('{"nonce":"12345678","pin":"0471"}') }),
    shortNonce: () => ({ clear: Buffer.from('{"nonce":1234567,"pin":"0471"}') }),
    pinBlock: () => ({ clear: Buffer.from('{"nonce":12345678,"pin":"240471FFFFFFFFFF"}') }),
  },
  samplePin: { sample: () => ({ clear: Buffer.from('{"nonce":12341234,"pin":"1234"}') }) },
  pinBlock: {
    blockThenPadding: () => pinBlock(ecb(Buffer.from(pinFieldOf("2846"), "hex"), true)),
    bothBlocksOfCbc: () => pinBlock(cbcOf(Buffer.from(pinFieldOf("2846"), "hex"), pad(`4${token}`))),
    onePass: () => pinBlock(ecb(Buffer.from(pinFieldOf("2846"), "hex"))),
    control0: () => pinBlock(blockOf(`0${pinFieldOf("2846").slice(1)}`)),
    fillF: () => pinBlock(blockOf("442846".padEnd(16, "F") + randomBytes(8).toString("hex"))),
    otherToken: () => pinBlock(blockOf(pinFieldOf("2846"), "1111111111111111")),
  },
  boundPinBlock: {
    panFieldOfFormat0: () => bound(ecb(xor(ecb(pinFieldBytes), pad(pan.slice(3, 15).padStart(16, "0"))))),
    noPanLength: () => bound(ecb(xor(ecb(pinFieldBytes), pad(pan)))),
    noXor: () => bound(ecb(ecb(pinFieldBytes))),
    xorBeforeFirstPass: () => bound(ecb(ecb(xor(pinFieldBytes, pad(`4${pan}`))))),
    fill0: () => bound(blockOf(`442846${"0".repeat(26)}`, pan)),
    decimalLength: () => bound(blockOf(`412284619375028${"A".repeat(17)}`, pan)),
    otherPan: () => bound(blockOf(pinFieldOf("2846"))),
  },
  pinBlockText: {
    digitsForBlock: () => ({ name: "pinBlock", text: "2846" }),
    eightBytes: () => ({ name: "pinBlock", text: "0".repeat(16) }),
    twoBlocks: () => ({ name: "pinBlock", text: "0".repeat(64) }),
  },
  keySet: {
    otherSet: () => ({ named: "01", wrappedTo: "02" }),
  },
  blockText: {
    tagMissing: () => sealedBlock("245678FFFFFFFFFF", (ciphertext) => [ciphertext]),
    tagFirst: () => sealedBlock("245678FFFFFFFFFF", (ciphertext, tag) => [tag, ciphertext]),
    digitsAlone: () => sealedBlock("5678"),
    blockAsBytes: () => sealedBlock(Buffer.from("245678FFFFFFFFFF", "hex")),
    decimalLength: () => sealedBlock("2100123456789FFFF"),
    otherControl: () => sealedBlock("045678FFFFFFFFFF"),
    otherFill: () => sealedBlock("2456780000000000"),
    notABlock: () => sealedBlock('{"pin":"5678"}'),
    cbc: () => {
      const iv = ivOf(16);
      const cipher = createCipheriv("aes-128-cbc", key128, iv);
      const ciphertext = Buffer.concat([cipher.update("245678FFFFFFFFFF"), cipher.final()]);
      return { sessionKey: key128, iv, ciphertext };
    },
    otherTag: () => sealedBlock("245678FFFFFFFFFF", (ciphertext) => [ciphertext, randomBytes(16)]),
  },
  ecdsa: {
    clearJson: () => ({ form: "ASN.1 DER", keyPurpose: "restricted", text: "the clear JSON" }),
    hashedTwice: () => ({
      form: "ASN.1 DER",
      keyPurpose: "restricted",
      text: "the SHA-256 of the compact JWE (hashed twice)",
    }),
    otherForm: () => ({ form: "r‖s form", keyPurpose: "restricted", text: "the compact JWE" }),
    otherKey: () => ({ form: "ASN.1 DER", keyPurpose: "unrestricted", text: "the compact JWE" }),
  },
  bodyHash: {
    clearBody: () => bodyHash(json, json),
    writtenAnew: () => bodyHash(Buffer.from(JSON.stringify(JSON.parse(body.toString())))),
    emptyBody: () => bodyHash(none),
    otherBody: () => bodyHash(Buffer.from("{}")),
  },
  publicKey: {
    pem: () => base64Key(Buffer.from(p256.export({ format: "pem", type: "spki" })).toString("base64")),
    jwk: () => base64Key(Buffer.from(JSON.stringify(p256.export({ format: "jwk" }))).toString("base64url")),
    spaced: () => base64Key(spki.toString("base64").replaceAll(/.{76}/g, "$& ")),
    hex: () => base64Key(spki.toString("hex")),
    base64: () => ({ text: spki.toString("base64"), encoding: "hex" }),
    base64url: () => base64Key(dashed.toString("base64url")),
    compressed: () => base64Key(compressed.toString("base64")),
    withoutFormByte: () => base64Key(spki.subarray(27).toString("base64")),
    otherCurve: () => base64Key(p384.toString("base64")),
    spki: () => ({ text: spki.toString("hex"), encoding: "hex" }),
  },
  encoding: {
    lineWrapped: () => ({
      ...member,
      text: `${randomBytes(57).toString("base64")}\r\n${randomBytes(9).toString("base64")}`,
    }),
    base64url: () => ({ ...member, text: Buffer.from("fbffbf".repeat(4), "hex").toString("base64url") }),
    unpadded: () => ({
      ...member,
      text: randomBytes(13).toString("base64").replaceAll("=", "").replaceAll(/[+/]/g, "A"),
    }),
    hexForBase64: () => ({ ...member, text: randomBytes(12).toString("hex") }),
    base64ForHex: () => ({ ...hexMember, text: randomBytes(256).toString("base64") }),
    shortened: () => ({ ...hexMember, text: randomBytes(255).toString("hex") }),
  },
  shape: {
    misplacedMember: () => findShape({ properties: { pin: schema, status: {} } }, { note: "x", status: "y" }),
    unknownMember: () => findShape(schema, { pin: "1928", extra: true }),
    nullMember: () => findShape(schema, { pin: null, note: null }),
    numberForText: () => findNumbers(Buffer.from('{"pin": 1928}'), ["pin"]),
  },
};

describe("the table of mistakes", () => {
  for (const mechanism of Object.keys(mistakes) as (keyof Table)[])
    for (const [name, make] of Object.entries(cases[mechanism]))
      it(`${mechanism}: ${name}`, () => {
        const rows = mistakes[mechanism] as Mistakes<unknown>;
        const evidence = make();
        const said = explainBy(rows, evidence);
        const row = rows[name] ?? assert.fail();
        assert.equal(said, typeof row.says === "string" ? row.says : row.says(evidence), "no other row comes before");
      });

  it("says nothing of what is right", () => {
    assert.equal(explainBy(mistakes.rsaWrap, wrap()), null);
    assert.equal(
      explainBy(mistakes.encoding, { ...member, text: ivOf(12).toString("base64").replaceAll(/[+/]/g, "A") }),
      null,
    );
    assert.equal(explainBy(mistakes.encoding, { ...hexMember, text: randomBytes(256).toString("hex") }), null);
    assert.equal(explainBy(mistakes.publicKey, base64Key("")), null);
    assert.equal(explainBy(mistakes.shape, findShape(schema, { pin: "1928", note: null })), null);
    assert.equal(explainBy(mistakes.shape, findNumbers(Buffer.from('{"pin":"1928"}'), ["pin"])), null);
  });

  it("does not repeat what is no name of a member", () => {
    for (const name of ["1928", "pin1928", "a b", ""])
      assert.equal(explainBy(mistakes.shape, findShape(schema, { pin: "1", [name]: 1 })), null);
  });

  it("names the member, and what is documented", () => {
    assert.match(explainBy(mistakes.shape, findShape(schema, { pin: "1", extra: 1 })) ?? "", /^extra: .* pin, note$/);
    assert.match(explainBy(mistakes.shape, findShape(schema, { pin: null })) ?? "", /^pin: null/);
  });
});
