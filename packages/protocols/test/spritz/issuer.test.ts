import assert from "node:assert/strict";
import { constants, createPrivateKey, privateDecrypt, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { base64FromBytes, Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { openPinGet } from "@linchpin/protocols/spritz/device";
import {
  describeCard,
  openPinBlock,
  openSessionKey,
  parseEncryptedPin,
  parseWrappedKey,
  readSessionKey,
  type SessionKey,
  sealPinBlock,
} from "@linchpin/protocols/spritz/issuer";
import type { PinSet } from "@linchpin/protocols/spritz/wire";
import openssl from "../../spritz/vectors/openssl.json" with { type: "json" };
import cryptography from "../../spritz/vectors/python3-cryptography.json" with { type: "json" };

/** As a vault does it: as many bytes as are asked for, at random where nothing fits. */
function unwrapBy(pem: string, hash: string, wrapped: Uint8Array, lengthBytes: number): Uint8Array {
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash.replace("-", "").toLowerCase() };
  try {
    const bytes = privateDecrypt({ key: createPrivateKey(pem), ...oaep }, wrapped);
    return bytes.length === lengthBytes ? Uint8Array.from(bytes) : randomBytes(lengthBytes);
  } catch {
    return randomBytes(lengthBytes);
  }
}

async function sessionKeyOf(pem: string, hash: string, { encryptedKey }: PinSet): Promise<SessionKey> {
  const wrapped = parseWrappedKey("encryptedKey", encryptedKey);
  const bytes = unwrapBy(pem, hash, wrapped, 24);
  return openSessionKey(primitives, [{ keyId: "1", keyBytes: 16, bytes, isKnown: true }], "base64");
}

for (const { source, privateKeyPem, opened, refused } of [openssl, cryptography])
  describe(`messages that ${source} made`, () => {
    for (const { pin, hash, ...message } of opened)
      it(`open to ${pin}, by ${hash}`, async () => {
        const sessionKey = await sessionKeyOf(privateKeyPem, hash, message);
        assert.ok(sessionKey.wasUnwrapped);
        const block = await openPinBlock(primitives, parseEncryptedPin(message.encryptedPin), sessionKey);
        assert.equal(Buffer.from(block.asciiDigits()).toString(), pin);
      });

    for (const { what, hash, ...message } of refused)
      it(`do not open: ${what}`, async () => {
        const sessionKey = await sessionKeyOf(privateKeyPem, hash, message);
        await assert.rejects(
          async () => openPinBlock(primitives, parseEncryptedPin(message.encryptedPin), sessionKey),
          ({ code }: { code: string }) => ["decryption_failed", "encoding_invalid"].includes(code),
        );
      });
  });

describe("a session key", () => {
  const text = (characters: string) => utf8(characters);

  it("is read from its base64 text, for every byte", () => {
    for (let value = 0; value < 256; value++) {
      const key = randomBytes(16).fill(value, 3, 9);
      assert.deepEqual(readSessionKey(text(key.toString("base64")), "base64", 16), Uint8Array.from(key));
    }
    const long = randomBytes(32);
    assert.deepEqual(readSessionKey(text(long.toString("base64")), "base64", 32), Uint8Array.from(long));
  });

  it("is read from no other text", () => {
    const key = Buffer.alloc(16, 0xff).toString("base64");
    for (const other of [
      ...[
        "",
        "A",
        key.slice(0, 22),
        `${key}=`,
        key.replace("==", "A="),
        key.replace("==", "=A"),
        key.replace("==", "AA"),
      ],
      ...["-", "_", "=", " ", "\n", "\u0000", "@", "[", "`", "{", ":", "."].map(
        (character) => character + key.slice(1),
      ),
      `${key.slice(0, 21)}x==`, // bits that no byte takes
      Buffer.alloc(32).toString("base64"),
    ])
      assert.equal(readSessionKey(text(other), "base64", 16), null, other);
  });

  it("wipes what it was read from, and is told apart by a mark that a copy of it has too", async () => {
    const wrapped = text(Buffer.alloc(16, 7).toString("base64"));
    readSessionKey(wrapped, "base64", 16);
    assert.ok(wrapped.every((byte) => byte === 0));
    const open = (bytes: Uint8Array, isKnown = true) =>
      openSessionKey(primitives, [{ keyId: "1", keyBytes: 16, bytes, isKnown }], "raw");
    const [one, again, other] = [
      await open(new Uint8Array(16)),
      await open(new Uint8Array(16)),
      await open(Uint8Array.from(randomBytes(16))),
    ];
    assert.deepEqual(one.mark, again.mark);
    assert.notDeepEqual(one.mark, other.mark);
    assert.equal((await open(new Uint8Array(16), false)).wasUnwrapped, false);
  });

  it("of several purposes is the one that is one, with the key that it was wrapped to", async () => {
    const right = text(Buffer.alloc(16, 9).toString("base64"));
    const random = () => Uint8Array.from(randomBytes(24));
    const of = (keyId: string, bytes: Uint8Array) => ({ keyId, keyBytes: 16, bytes, isKnown: true });
    const opened = await openSessionKey(primitives, [of("1", random()), of("2", right), of("3", random())], "base64");
    assert.deepEqual([opened.keyId, opened.bytes], ["2", new Uint8Array(16).fill(9)]);
    const none = await openSessionKey(primitives, [of("1", random()), of("2", random())], "base64");
    assert.deepEqual([none.keyId, none.wasUnwrapped, none.bytes.length], ["1", false, 16]);
  });

  it("seals an answer that the device opens, with an IV of 16 bytes", async () => {
    for (const digits of ["0471", "047182935061"]) {
      const bytes = Uint8Array.from(randomBytes(16));
      const key = await openSessionKey(
        primitives,
        [{ keyId: "1", keyBytes: 16, bytes: bytes.slice(), isKnown: true }],
        "raw",
      );
      const encryptedPin = await sealPinBlock(primitives, new Pin(utf8(digits)), key);
      assert.deepEqual([encryptedPin.iv.length, encryptedPin.data.length], [24, 44]);
      const pin = await openPinGet(primitives, { encryptedPin, sessionKey: bytes });
      assert.equal(Buffer.from(pin.asciiDigits()).toString(), digits);
      await assert.rejects(openPinGet(primitives, { encryptedPin, sessionKey: new Uint8Array(16) }), {
        code: "decryption_failed",
      });
    }
  });
});

describe("what comes as text", () => {
  it("is base64 of the standard alphabet, padded, with an IV of 12 or 16 bytes", () => {
    const data = base64FromBytes(new Uint8Array(32));
    const ivOf = (length: number) => base64FromBytes(new Uint8Array(length));
    for (const length of [12, 16]) assert.equal(parseEncryptedPin({ iv: ivOf(length), data }).iv.length, length);
    for (const iv of ["", ivOf(11), ivOf(13), ivOf(15), ivOf(17), "00".repeat(12), "AAAA", "_".repeat(16)])
      assert.throws(() => parseEncryptedPin({ iv, data }), { code: "encoding_invalid", field: "encryptedPin.iv" });
    for (const wrong of ["A", "AAA", "AAA-", "AA=A", " AAAA", "AAAA\n", "AB=="])
      assert.throws(() => parseEncryptedPin({ iv: ivOf(16), data: wrong }), { code: "encoding_invalid" });
    assert.throws(() => parseWrappedKey("SessionId", "A".repeat(1028)), {
      code: "encoding_invalid",
      field: "SessionId",
    });
  });
});

describe("a card", () => {
  it("is described by the vendor's words", () => {
    const card = { id: "1", lastDigits: "6784", createdAt: new Date(0) };
    const statuses = (["active", "blocked", "terminated"] as const).map((state) => describeCard({ ...card, state }));
    assert.deepEqual(
      statuses.map(({ status, payable }) => [status, payable]),
      [
        ["active", true],
        ["frozen", false],
        ["cancelled", false],
      ],
    );
  });
});
