import assert from "node:assert/strict";
import { constants, createHash, createPrivateKey, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { decodePinMessage, markOf, openSealedPin, parseSealedPin } from "@linchpin/protocols/lithic/issuer";
import openssl from "../../lithic/vectors/openssl.json" with { type: "json" };
import python from "../../lithic/vectors/python3-cryptography.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const key = createPrivateKey(python.privateKey);
const sealed = python.opened[0]?.sealed ?? assert.fail();

/** As a vault: a ciphertext that does not unwrap gives other bytes, and a message stands behind zeros. */
async function unwrap(text: string): Promise<Uint8Array> {
  const { ciphertext } = await parseSealedPin(primitives, text);
  const bytes = new Uint8Array(470);
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const message = privateDecrypt({ key, padding, oaepHash: "sha1" }, ciphertext);
    bytes.set(message, bytes.length - message.length);
    return bytes;
  } catch {
    return crypto.getRandomValues(bytes);
  }
}

const open = async (text: string, cardId = "card") =>
  openSealedPin(primitives, { keyId: "key", bytes: await unwrap(text) }, cardId);

suite("a PIN that others sealed", () => {
  for (const { source, opened } of [openssl, python])
    for (const { what, nonce, pin, sealed: text } of opened)
      test(`is opened: ${what}, by ${source}`, async () => {
        const read = decodePinMessage(await unwrap(text));
        assert.deepEqual([read.nonce, read.pin.asciiDigits()], [nonce, utf8(pin)]);
        const found = await open(text);
        assert.deepEqual(found.pin.asciiDigits(), utf8(pin));
      });

  for (const { what, sealed: text } of python.refused)
    test(`is refused with ${what}`, async () => {
      await assert.rejects(open(text), (error) => {
        assert.ok(error instanceof LinchpinError);
        assert.equal(error.code, "decryption_failed");
        assert.doesNotMatch(`${error.message} ${error.reason}`, /1234|0123/);
        return true;
      });
    });

  test("leaves nothing in the bytes that it was read from", async () => {
    for (const { sealed: text } of [...python.opened.slice(0, 2), ...python.refused.slice(0, 3)]) {
      const bytes = await unwrap(text);
      await openSealedPin(primitives, { keyId: "key", bytes }, "card").catch(() => null);
      assert.ok(bytes.every((byte) => byte === 0));
    }
  });
});

suite("the marks of a sealed PIN", () => {
  test("are the ciphertext's SHA-256, and a hash of nonce and card", async () => {
    const { mark } = await parseSealedPin(primitives, sealed);
    assert.deepEqual(Buffer.from(mark), createHash("sha256").update(Buffer.from(sealed, "base64")).digest());
    const marks = await Promise.all([open(sealed), open(sealed), open(sealed, "another card")]);
    const [first, again, ofAnother] = marks.map((one) => Buffer.from(one.mark).toString("hex"));
    assert.equal(first, again);
    assert.notEqual(first, ofAnother);
  });

  test("of two nonces above 2^53 that one double stands for are two", async () => {
    const markOfNonce = async (nonce: string) => {
      const bytes = Uint8Array.from(utf8(`{"nonce":${nonce},"pin":"1234"}`));
      return Buffer.from((await openSealedPin(primitives, { keyId: "key", bytes }, "card")).mark).toString("hex");
    };
    assert.equal(Number("9007199254740993"), Number("9007199254740992"));
    assert.notEqual(await markOfNonce("9007199254740993"), await markOfNonce("9007199254740992"));
  });

  test("are the same on either platform, and there for a text that is no sealed PIN", async () => {
    for (const text of [sealed, "", "x".repeat(684), sealed.slice(4)])
      assert.deepEqual(await markOf(webCryptoPrimitives, text), await markOf(primitives, text));
  });
});

suite("a text that is no sealed PIN", () => {
  const refused: Record<string, string> = {
    nothing: "",
    "another alphabet": sealed.replaceAll("+", "-").replaceAll("/", "_"),
    "no padding": sealed.replace(/=+$/, ""),
    "a line break": `${sealed.slice(0, 64)}\n${sealed.slice(64)}`,
    "a byte less": Buffer.from(sealed, "base64").subarray(1).toString("base64"),
    "a byte more": Buffer.concat([Buffer.from(sealed, "base64"), Buffer.alloc(1)]).toString("base64"),
    "the 256 bytes of RSA-2048": Buffer.alloc(256).toString("base64"),
  };
  for (const [what, text] of Object.entries(refused))
    test(`is refused with ${what}`, () =>
      assert.rejects(parseSealedPin(primitives, text), { code: "encoding_invalid" }));
});
