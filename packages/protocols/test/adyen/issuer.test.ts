import assert from "node:assert/strict";
import { constants, createCipheriv, createPrivateKey, privateDecrypt, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, Pin, type Primitives, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  openRevealedPan,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import {
  describePublicKey,
  openPinBlock,
  openSessionKey,
  parseEncryptedKey,
  type SessionKey,
  sealPan,
  sealPin,
  sessionKeyBytes,
} from "@linchpin/protocols/adyen/issuer";
import { PanRevealReply, PinRevealReply, PublicKeyReply } from "@linchpin/protocols/adyen/wire";
import { Value } from "typebox/value";
import guide from "../../adyen/vectors/change-pin-guide.json" with { type: "json" };
import openssl from "../../adyen/vectors/openssl.json" with { type: "json" };
import sample from "../../adyen/vectors/public-sample.json" with { type: "json" };
import python from "../../adyen/vectors/python3-cryptography.json" with { type: "json" };

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

const sessionKeyOf = (bytes: Uint8Array): Promise<SessionKey> =>
  openSessionKey(primitives, { keyId: "1", bytes: Uint8Array.from(bytes) });

suite("a change is opened", () => {
  const vectors = [openssl, python].flatMap(({ source, privateKeyPkcs8, changes }) =>
    changes.map((change) => ({ ...change, source, privateKeyPkcs8, padding: constants.RSA_PKCS1_PADDING })),
  );
  const { source, privateKeyPkcs8, oaepChanges } = python;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  for (const vector of [...vectors, ...oaepChanges.map((change) => ({ ...change, source, privateKeyPkcs8, padding }))])
    test(`${vector.pin.length} digits, made by ${vector.source}`, async () => {
      const key = createPrivateKey({
        key: Buffer.from(vector.privateKeyPkcs8, "base64"),
        format: "der",
        type: "pkcs8",
      });
      const wrapped = await parseEncryptedKey(primitives, vector);
      const bytes = privateDecrypt({ key, padding: vector.padding, oaepHash: "sha256" }, wrapped.wrappedKey);
      assert.equal(bytes.length, sessionKeyBytes);
      const sessionKey = await openSessionKey(primitives, { keyId: "1", bytes: Uint8Array.from(bytes) });
      assert.deepEqual(sessionKey.bytes, hex(vector.sessionKey));
      assert.deepEqual((await openPinBlock(primitives, vector, sessionKey)).asciiDigits(), utf8(vector.pin));
    });

  test(`the block of ${sample.source}`, async () => {
    const sessionKey = await sessionKeyOf(hex(sample.sessionKey));
    assert.deepEqual((await openPinBlock(primitives, sample, sessionKey)).asciiDigits(), utf8(sample.pin));
  });

  test("a block made of the fields of Adyen's guide", async () => {
    const key = randomBytes(32);
    const request = { encryptedPinBlock: makeBlock(key, guide.pinField, guide.panField), token: guide.token };
    const pin = await openPinBlock(primitives, request, await sessionKeyOf(key));
    assert.deepEqual(pin.asciiDigits(), utf8(guide.pin));
  });

  test("refused in one error, whatever is wrong with the block", async () => {
    const key = randomBytes(32);
    const random = "70cd3917e96891f8";
    const blocks = [
      `045454AAAAAAAAAA${random}`,
      `345454AAAAAAAAAA${random}`,
      `435454AAAAAAAAAA${random}`,
      `455454AAAAAAAAAA${random}`,
      `445454AAAAAAAAAB${random}`,
      `445454FFFFFFFFFF${random}`,
      `44545AAAAAAAAAAA${random}`,
      `4D5454545454545A${random}`,
      `4F54545454545454${random}`,
      "0".repeat(32),
    ].map((pinField) => makeBlock(key, pinField, guide.panField));
    const errors = new Set<string>();
    const refuse = async (request: { encryptedPinBlock: string; token: string }, sessionKey: SessionKey) =>
      assert.rejects(openPinBlock(primitives, request, sessionKey), (error) => {
        assert.ok(error instanceof LinchpinError);
        errors.add(JSON.stringify([error.code, error.message, error.reason, error.field, String(error.cause)]));
        return true;
      });
    for (const encryptedPinBlock of blocks)
      await refuse({ encryptedPinBlock, token: guide.token }, await sessionKeyOf(key));
    const right = makeBlock(key, guide.pinField, guide.panField);
    await refuse({ encryptedPinBlock: right, token: "8374188662676927" }, await sessionKeyOf(key));
    await refuse({ encryptedPinBlock: right, token: guide.token }, await sessionKeyOf(randomBytes(32)));
    assert.equal(errors.size, 1);
    assert.match([...errors].join(), /decryption_failed/);
  });

  test("with the same work whether the block is right or not", async () => {
    const key = randomBytes(32);
    const work = async (pinField: string) => {
      const calls: string[] = [];
      const counted = new Proxy(primitives, {
        get: (target, name: keyof Primitives) => {
          calls.push(name);
          return target[name];
        },
      });
      const request = { encryptedPinBlock: makeBlock(key, pinField, guide.panField), token: guide.token };
      await openPinBlock(counted, request, await sessionKeyOf(key)).catch(() => {});
      return calls;
    };
    const right = await work(guide.pinField);
    assert.ok(right.length > 0);
    assert.deepEqual(await work("0".repeat(32)), right);
    assert.deepEqual(await work(`44545AAAAAAAAAAA${guide.random}`), right);
  });
});

suite("marks", () => {
  test("of an encrypted key are of its bytes: hex in either case is one", async () => {
    const { encryptedKey = "" } = openssl.changes[0] ?? {};
    const [upper, lower] = [
      await parseEncryptedKey(primitives, { encryptedKey }),
      await parseEncryptedKey(primitives, { encryptedKey: encryptedKey.toLowerCase() }),
    ];
    assert.deepEqual(upper, lower);
    assert.equal(upper.mark.length, 32);
    await assert.rejects(parseEncryptedKey(primitives, { encryptedKey: "no hex" }), { code: "encoding_invalid" });
  });

  test("of a session key are its own, do not hold it, and stay when it is wiped", async () => {
    const bytes = randomBytes(32);
    const [one, same, other] = [
      await sessionKeyOf(bytes),
      await sessionKeyOf(bytes),
      await sessionKeyOf(randomBytes(32)),
    ];
    assert.deepEqual(one.mark, same.mark);
    assert.notDeepEqual(one.mark, other.mark);
    assert.notDeepEqual(
      one.mark,
      await primitives.sha256(one.bytes),
      "not the bare hash, which other things may be known by",
    );
    one.wipe();
    assert.deepEqual(one.bytes, new Uint8Array(32));
    assert.deepEqual(one.mark, same.mark);
  });
});

suite("a reveal is sealed", () => {
  test("a PIN of any length, each time under another token, as the device half opens it", async () => {
    const sessionKey = await sessionKeyOf(randomBytes(32));
    const tokens = new Set<string>();
    for (const digits of ["0480", "19283", "192837465564"]) {
      const reply = await sealPin(primitives, new Pin(utf8(digits)), sessionKey);
      assert.ok(Value.Check(PinRevealReply, reply));
      assert.match(reply.encryptedPinBlock, /^[0-9A-F]{32}$/);
      tokens.add(reply.token);
      const pin = await openRevealedPin(webCryptoPrimitives, { reply, sessionKey: sessionKey.bytes });
      assert.deepEqual(pin.asciiDigits(), utf8(digits));
    }
    assert.equal(tokens.size, 3);
  });

  const card = { pan: utf8("5555341244441115"), cvc: utf8("136"), expiration: { month: 8, year: 2031 } };

  test("a PAN to the byte as OpenSSL does it", async () => {
    const { sessionKey, encryptedData } = openssl.panReveal;
    const reply = await sealPan(primitives, card, await sessionKeyOf(hex(sessionKey)));
    assert.ok(Value.Check(PanRevealReply, reply));
    assert.deepEqual(reply, { encryptedData });
  });

  test("a PAN as the device half opens it, and its clear text does not stay behind", async () => {
    const seen: Uint8Array[] = [];
    const watched: Primitives = {
      ...primitives,
      encryptAesCbc: (key, iv, plaintext) => {
        seen.push(plaintext);
        return primitives.encryptAesCbc(key, iv, plaintext);
      },
    };
    const sessionKey = await sessionKeyOf(randomBytes(32));
    const reply = await sealPan(watched, card, sessionKey);
    assert.deepEqual(await openRevealedPan(webCryptoPrimitives, { reply, sessionKey: sessionKey.bytes }), {
      pan: "5555341244441115",
      cvc: "136",
      expiration: { month: "08", year: "2031" },
    });
    assert.equal(seen.length, 1);
    assert.ok(seen.every((plaintext) => plaintext.every((byte) => byte === 0)));
  });
});

suite("a key is published", () => {
  const acceptedUntil = new Date("2027-12-12T23:59:59.999Z");
  const spki = Uint8Array.from(Buffer.from(openssl.publicKey, "base64"));
  const key = { id: "key-1", spki, n: "AQAB", e: "AQAB", alg: "RSA1_5", acceptedUntil } as const;

  test("as base64 of its SPKI, with its last day", () => {
    const reply = describePublicKey(key, "pem");
    assert.ok(Value.Check(PublicKeyReply, reply));
    assert.deepEqual(reply, { publicKey: openssl.publicKey, publicKeyExpiryDate: "2027-12-12" });
  });

  test("as a JWK in a string, that says how session keys are wrapped", () => {
    for (const alg of ["RSA1_5", "RSA-OAEP-256"] as const) {
      const { publicKey } = describePublicKey({ ...key, alg }, "jwk");
      assert.deepEqual(JSON.parse(publicKey), { kty: "RSA", use: "enc", alg, kid: "key-1", n: "AQAB", e: "AQAB" });
    }
  });

  test("and accepted by the device half", async () => {
    const clock = () => new Date("2026-11-22T00:00:00Z");
    const issuerKey = acceptIssuerKey(describePublicKey(key, "pem"), { clock });
    const request = { pin: new Pin(utf8("1928")), issuerKey, paymentInstrumentId: "PI1" };
    assert.equal((await makePinChangeRequest(primitives, request)).encryptedKey.length, 512);
  });
});

/** The guide's steps, by node:crypto. */
function makeBlock(key: Uint8Array, pinField: string, panField: string): string {
  const encrypt = (block: Uint8Array) => {
    const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]);
  };
  const pan = hex(panField);
  const blockB = encrypt(hex(pinField)).map((byte, index) => byte ^ (pan[index] ?? 0));
  return encrypt(blockB).toString("hex");
}
