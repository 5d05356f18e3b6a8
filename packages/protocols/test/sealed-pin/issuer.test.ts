import assert from "node:assert/strict";
import { constants, createHash, createPrivateKey, generateKeyPairSync, privateDecrypt, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, Pin, type Primitives, type Unwrap, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { markOf, openSealedPin, parseSealedPin, type SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import { CompactEncrypt } from "jose";
import jose from "../../solaris/vectors/jose.json" with { type: "json" };
import reference from "../../solaris/vectors/pin-change-reference.json" with { type: "json" };
import jwcrypto from "../../solaris/vectors/python3-jwcrypto.json" with { type: "json" };

const primitives = nodeCryptoPrimitives;
const kid = "key-1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };

suite("a sealed PIN is taken apart", () => {
  test("Solaris' own example: segments and key id", async () => {
    const { keyId, jwe } = await parseSealedPin(primitives, reference.request);
    assert.equal(keyId, reference.header.kid);
    const header = Buffer.from(jwe.protectedText, "base64url");
    assert.deepEqual(JSON.parse(header.toString()), reference.header);
    assert.deepEqual(
      [header, jwe.wrappedKey, jwe.iv, jwe.ciphertext, jwe.tag].map(({ length }) => length),
      reference.segmentBytes,
    );
  });

  test("its mark is the SHA-256 of the compact JWE", async () => {
    const { mark } = await parseSealedPin(primitives, reference.request);
    assert.deepEqual(Buffer.from(mark), createHash("sha256").update(reference.request.encrypted_pin).digest());
  });

  test("a mark that the caller has is taken, and nothing is hashed again", async () => {
    const mark = await markOf(primitives, reference.request.encrypted_pin);
    const sha256 = () => assert.fail("hashed again");
    assert.equal((await parseSealedPin({ ...primitives, sha256 }, reference.request, mark)).mark, mark);
  });

  test("refused: a key id that is not the JWE's kid", async () => {
    for (const key_id of ["", "other", reference.header.kid.toUpperCase(), `${reference.header.kid} `])
      await assert.rejects(parseSealedPin(primitives, { ...reference.request, key_id }), {
        code: "key_mismatch",
        field: "key_id",
      });
  });

  test("refused: what is no JWE, as the fingerprint that the reference pastes in its place", async () => {
    for (const encrypted_pin of [
      "",
      "Web;179ac83968ab42f79e960c1753a4078fdcon;jVl14emA+OcyALb9F+CMFg==",
      `${reference.request.encrypted_pin}=`,
    ])
      await assert.rejects(parseSealedPin(primitives, { ...reference.request, encrypted_pin }), {
        code: "jwe_malformed",
      });
  });
});

suite("a sealed PIN is opened", () => {
  for (const vector of [jose, jwcrypto])
    test(`made by ${vector.source}`, async () => {
      const key = createPrivateKey({ key: vector.privateKey, format: "jwk" });
      const request = { encrypted_pin: vector.encrypted_pin, key_id: vector.privateKey.kid };
      const pin = await openSealedPin(primitives, await parseSealedPin(primitives, request), unwrapWith(key));
      assert.deepEqual(pin.asciiDigits(), utf8(vector.pin));
    });

  test("made by the device half on WebCrypto", async () => {
    const pin = new Pin(utf8("0193"));
    const request = await makeSealedPinRequest(webCryptoPrimitives, { pin, issuerKey: { kid, key: { n, e } } });
    const opened = await openSealedPin(primitives, await parseSealedPin(primitives, request), unwrapWith(privateKey));
    assert.ok(opened.equals(pin));
  });

  test("the issuer is asked for the 64 bytes that are wrapped", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    const asked: unknown[] = [];
    await openSealedPin(primitives, sealed, (...question) => {
      asked.push(question);
      return unwrapWith(privateKey)(...question);
    });
    assert.deepEqual(asked, [[sealed.jwe.wrappedKey, 64]]);
  });

  const nonsense = [
    '{"pin":1928}',
    '{"pin":"19 8"}',
    '{"pin":"١٩٢٨"}',
    '{"pin":"1928","pin":"8291"}',
    '{"pin":"19e8"}',
    "1928",
    "",
  ];
  for (const text of nonsense)
    test(`refused: a JWE that holds ${text || "nothing"}`, async () => {
      await assert.rejects(
        sealByJose(text).then((sealed) => openSealedPin(primitives, sealed, unwrapWith(privateKey))),
        opaque,
      );
    });

  for (const digits of ["192", "1928374650192"])
    test(`refused by the rule of digits, not as a message that did not open: ${digits.length} digits`, async () => {
      const sealed = await sealByJose(`{"pin":"${digits}"}`);
      await assert.rejects(openSealedPin(primitives, sealed, unwrapWith(privateKey)), { code: "pin_length" });
    });

  test("a JWE without a kid is opened by the key that the request names", async () => {
    const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512" };
    const encrypted_pin = await new CompactEncrypt(utf8('{"pin":"1928"}'))
      .setProtectedHeader(header)
      .encrypt(publicKey);
    const sealed = await parseSealedPin(primitives, { encrypted_pin, key_id: kid });
    assert.equal(sealed.keyId, kid);
    assert.deepEqual((await openSealedPin(primitives, sealed, unwrapWith(privateKey))).asciiDigits(), utf8("1928"));
  });

  test("refused: a content key that is not the JWE's, as an unwrap gives for a key wrapped wrongly", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    await assert.rejects(
      openSealedPin(primitives, sealed, async () => primitives.randomBytes(64)),
      opaque,
    );
  });

  test("refused: each altered part", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    for (const part of ["iv", "ciphertext", "tag"] as const) {
      const altered = sealed.jwe[part].map((byte, index) => (index === 0 ? byte ^ 1 : byte));
      const jwe = { ...sealed.jwe, [part]: altered };
      await assert.rejects(openSealedPin(primitives, { ...sealed, jwe }, unwrapWith(privateKey)), opaque);
    }
  });

  test("what the issuer refuses is passed on", async () => {
    const sealed = await sealByJose('{"pin":"1928"}');
    const refusal = new LinchpinError("key_expired");
    await assert.rejects(
      openSealedPin(primitives, sealed, () => Promise.reject(refusal)),
      refusal,
    );
  });

  for (const text of ['{"pin":"1928"}', '{"pin":1928}', "nonsense"])
    test(`no plaintext and no content key stay behind: ${text}`, async () => {
      const secrets: Uint8Array[] = [];
      const keeping = async <Secret extends Uint8Array>(making: Promise<Secret>) => {
        const secret = await making;
        secrets.push(secret);
        return secret;
      };
      const watched: Primitives = {
        ...primitives,
        decryptAesCbc: (...input) => keeping(primitives.decryptAesCbc(...input)),
      };
      const unwrap: Unwrap = (...question) => keeping(unwrapWith(privateKey)(...question));
      await openSealedPin(watched, await sealByJose(text), unwrap).catch(opaque);
      assert.deepEqual(
        secrets.map(({ length }) => length),
        [64, text.length],
      );
      assert.ok(secrets.flatMap((secret) => [...secret]).every((byte) => byte === 0));
    });
});

async function sealByJose(text: string): Promise<SealedPin> {
  const header = { alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid };
  const encrypted_pin = await new CompactEncrypt(utf8(text)).setProtectedHeader(header).encrypt(publicKey);
  return parseSealedPin(primitives, { encrypted_pin, key_id: kid });
}

/** As a vault unwraps: 64 bytes come back whatever was wrapped. */
function unwrapWith(key: ReturnType<typeof createPrivateKey>): Unwrap {
  return async (wrappedKey, lengthBytes) => {
    try {
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
      return Uint8Array.from(privateDecrypt({ key, ...padding }, wrappedKey));
    } catch {
      return Uint8Array.from(randomBytes(lengthBytes));
    }
  };
}

/** One code and one sentence, whatever was wrong, and nothing of what was inside. */
function opaque(error: unknown): boolean {
  assert.ok(error instanceof LinchpinError);
  assert.deepEqual(
    [error.code, error.message, error.cause],
    ["decryption_failed", "the sealed PIN could not be opened", undefined],
  );
  assert.doesNotMatch(`${error.stack}${error.reason}`, /192|928|829/);
  return true;
}
