import assert from "node:assert/strict";
import { constants, createDecipheriv, createPublicKey, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { LinchpinError, Pin, type Primitives, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPan,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { PinChangeRequest, PinRevealRequest } from "@linchpin/protocols/adyen/wire";
import { Value } from "typebox/value";
import guide from "../../adyen/vectors/change-pin-guide.json" with { type: "json" };
import openssl from "../../adyen/vectors/openssl.json" with { type: "json" };
import sample from "../../adyen/vectors/public-sample.json" with { type: "json" };
import python from "../../adyen/vectors/python3-cryptography.json" with { type: "json" };

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const spki = publicKey.export({ format: "der", type: "spki" });
const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
const published = { publicKey: spki.toString("base64"), publicKeyExpiryDate: "2027-12-12" };
const clock = () => new Date("2026-11-22T12:00:00Z");
const issuerKey = acceptIssuerKey(published, { clock });
const paymentInstrumentId = "PI3227C223222B5CMD2778FKG";
const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`Adyen's device half on ${name}`, () => {
    const change = (digits = guide.pin) =>
      makePinChangeRequest(primitives, { pin: new Pin(utf8(digits)), issuerKey, paymentInstrumentId });

    test("a change holds what the guide says, under a session key that node:crypto unwraps", async () => {
      for (const digits of [guide.pin, "0193", "192837465564"]) {
        const request = await change(digits);
        assert.ok(Value.Check(PinChangeRequest, request));
        assert.match(`${request.encryptedKey}${request.encryptedPinBlock}`, /^[0-9A-F]+$/);
        const sessionKey = unwrapWithNode(request.encryptedKey);
        assert.equal(sessionKey.length, 32);
        const pinField = openBlock(request, sessionKey);
        const begin =
          digits === guide.pin ? guide.pinField.slice(0, 16) : `4${digits.length.toString(16).toUpperCase()}${digits}`;
        assert.equal(pinField.slice(0, begin.length), begin);
      }
    });

    test("a change again has another key, token and block", async () => {
      const [one, other] = [await change(), await change()];
      for (const member of ["encryptedKey", "token", "encryptedPinBlock"] as const)
        assert.notEqual(one[member], other[member]);
    });

    test("a session key can be wrapped by OAEP instead", async () => {
      const oaepKey = acceptIssuerKey(published, { clock, keyWrap: "oaep" });
      const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey: oaepKey, paymentInstrumentId });
      const opened = privateDecrypt({ key: privateKey, oaepHash: "sha256" }, Buffer.from(request.encryptedKey, "hex"));
      assert.deepEqual(Uint8Array.from(opened), sessionKey);
    });

    test("a reveal is asked for with the key that opens it", async () => {
      const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
      assert.ok(Value.Check(PinRevealRequest, request));
      assert.deepEqual(Uint8Array.from(unwrapWithNode(request.encryptedKey)), sessionKey);
    });

    for (const { source, ...vector } of [
      sample,
      ...[openssl, python].flatMap(({ source, changes }) => changes.map((change) => ({ ...change, source }))),
    ])
      test(`opens the block of ${vector.pin.length} digits made by ${source}`, async () => {
        const { pin, encryptedPinBlock, token } = vector;
        const sessionKey = hex(vector.sessionKey);
        for (const block of [encryptedPinBlock, encryptedPinBlock.toLowerCase()]) {
          const reply = { encryptedPinBlock: block, token };
          assert.deepEqual((await openRevealedPin(primitives, { reply, sessionKey })).asciiDigits(), utf8(pin));
        }
      });

    test("refuses a block with an altered part, of another length or under another key", async () => {
      const { token, encryptedPinBlock } = sample;
      const sessionKey = hex(sample.sessionKey);
      const wrong = [
        { token: "8374188662676927", encryptedPinBlock },
        { token: "837418866267692", encryptedPinBlock },
        { token: "", encryptedPinBlock },
        { token, encryptedPinBlock: `${encryptedPinBlock.slice(0, -1)}0` },
        { token, encryptedPinBlock: encryptedPinBlock.slice(2) },
        { token, encryptedPinBlock: encryptedPinBlock.repeat(2) },
        { token, encryptedPinBlock: "no hex" },
        { token, encryptedPinBlock: "" },
      ];
      for (const reply of wrong)
        await assert.rejects(openRevealedPin(primitives, { reply, sessionKey }), { code: "decryption_failed" });
      const reply = { token, encryptedPinBlock };
      for (const other of [sessionKey.toReversed(), new Uint8Array(32)])
        await assert.rejects(openRevealedPin(primitives, { reply, sessionKey: other }), { code: "decryption_failed" });
    });

    test(`opens the PAN sealed by ${openssl.source}`, async () => {
      const { sessionKey, encryptedData, plaintext } = openssl.panReveal;
      for (const data of [encryptedData, encryptedData.toLowerCase()])
        assert.deepEqual(
          await openRevealedPan(primitives, { reply: { encryptedData: data }, sessionKey: hex(sessionKey) }),
          JSON.parse(plaintext),
        );
    });

    const expiration = { month: "08", year: "2031" };
    const nonsense: Record<string, string | Uint8Array> = {
      "no JSON": "5555341244441115",
      "no UTF-8": Buffer.from('{"pan":"5555341244441115","cvc":"136","x":"\xff"}', "latin1"),
      "an array": "[]",
      null: "null",
      "no PAN": JSON.stringify({ cvc: "136", expiration }),
      "a PAN that is a number": JSON.stringify({ cvc: "136", expiration, pan: 5555341244441115 }),
      "a short PAN": JSON.stringify({ cvc: "136", expiration, pan: "55553412444" }),
      "a CVC of two digits": JSON.stringify({ cvc: "13", expiration, pan: "5555341244441115" }),
      "no expiration": JSON.stringify({ cvc: "136", pan: "5555341244441115" }),
      "an expiration without month": JSON.stringify({
        cvc: "136",
        expiration: { year: "2031" },
        pan: "5555341244441115",
      }),
    };
    for (const [what, plaintext] of Object.entries(nonsense))
      test(`refuses what opens to ${what}, and does not quote it`, async () => {
        const sessionKey = primitives.randomBytes(32);
        const sealed = await primitives.encryptAesCbc(sessionKey, new Uint8Array(16), Buffer.from(plaintext));
        const reply = { encryptedData: Buffer.from(sealed).toString("hex") };
        await assert.rejects(openRevealedPan(primitives, { reply, sessionKey }), (error) => {
          assert.ok(error instanceof LinchpinError);
          assert.equal(error.code, "decryption_failed");
          assert.doesNotMatch(`${error.message}${error.reason}${error.stack}${error.cause}`, /55553412/);
          return true;
        });
      });

    test("refuses a PAN that does not open", async () => {
      const { sessionKey, encryptedData } = openssl.panReveal;
      for (const data of ["", encryptedData.slice(32), encryptedData.slice(2), encryptedData.slice(0, -32), "no hex"])
        await assert.rejects(
          openRevealedPan(primitives, { reply: { encryptedData: data }, sessionKey: hex(sessionKey) }),
          { code: "decryption_failed" },
        );
    });

    test("no session key of a change stays behind, whether it works or not", async () => {
      for (const key of [issuerKey, { ...issuerKey, key: { n: "AQAB", e: "AQAB" } }]) {
        const drawn: Uint8Array[] = [];
        const watched: Primitives = {
          ...primitives,
          randomBytes: (length) => {
            const bytes = primitives.randomBytes(length);
            if (length === 32) drawn.push(bytes);
            return bytes;
          },
        };
        const pin = new Pin(utf8("1928"));
        await makePinChangeRequest(watched, { pin, issuerKey: key, paymentInstrumentId }).catch((error) =>
          assert.equal(error.code, "public_key_unusable"),
        );
        assert.deepEqual(drawn, [new Uint8Array(32)]);
        assert.deepEqual(pin.asciiDigits(), utf8("1928"), "the PIN is the caller's to wipe");
      }
    });
  });

test("tokens have no zero, and every other digit as often", async () => {
  const counts = new Map<string, number>();
  for (let count = 0; count < 300; count++) {
    const pin = new Pin(utf8("1928"));
    const { token } = await makePinChangeRequest(nodeCryptoPrimitives, { pin, issuerKey, paymentInstrumentId });
    assert.match(token, /^[1-9]{16}$/);
    for (const digit of token) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  // 4,800 digits, 533 of each: six deviations of 22 to either side.
  for (const digit of "123456789") assert.ok(Math.abs((counts.get(digit) ?? 0) - 533) < 132);
});

test("bytes that would make some digits of a token more likely are thrown away", async () => {
  const script = [252, 255, 0, 8, 9, 251];
  const randomBytes: Primitives["randomBytes"] = (length) =>
    length === 1 ? Uint8Array.of(script.shift() ?? 4) : nodeCryptoPrimitives.randomBytes(length);
  const pin = new Pin(utf8("1928"));
  const request = { pin, issuerKey: acceptIssuerKey(published, { clock, keyWrap: "oaep" }), paymentInstrumentId };
  const { token } = await makePinChangeRequest({ ...nodeCryptoPrimitives, randomBytes }, request);
  assert.equal(token, "1919555555555555");
});

test("a session key that could not be wrapped is wiped", async () => {
  const drawn: Uint8Array[] = [];
  const { wrapRsaOaep: _, ...withoutOaep } = nodeCryptoPrimitives;
  const randomBytes = (length: number) => {
    const bytes = nodeCryptoPrimitives.randomBytes(length);
    drawn.push(bytes);
    return bytes;
  };
  const request = { issuerKey: { ...issuerKey, keyWrap: "oaep" } as const, paymentInstrumentId };
  await assert.rejects(makeRevealRequest({ ...withoutOaep, randomBytes }, request), { code: "public_key_unusable" });
  assert.deepEqual(drawn, [new Uint8Array(32)]);
});

suite("the issuer's key comes in by one door", () => {
  const jwk = { kty: "RSA", use: "enc", alg: "RSA1_5", kid: "1", n, e };
  const accept = (key: unknown, publicKeyExpiryDate: unknown = "2027-12-12") =>
    acceptIssuerKey({ publicKey: typeof key === "string" ? key : JSON.stringify(key), publicKeyExpiryDate }, { clock });

  test("as SPKI or as JWK, to the same effect", async () => {
    for (const key of [published.publicKey, jwk, { kty: "RSA", n, e }]) {
      const request = { issuerKey: accept(key), paymentInstrumentId };
      const made = await makeRevealRequest(nodeCryptoPrimitives, request);
      assert.deepEqual(Uint8Array.from(unwrapWithNode(made.request.encryptedKey)), made.sessionKey);
    }
  });

  test("to the end of its last day", () => {
    assert.equal(accept(published.publicKey, "2026-11-22").expiryDate, "2026-11-22");
    for (const date of ["2026-11-21", "2025-12-12", "", "soon", "2026-13-01", "2027-12-12T00:00:00Z", 2027, null])
      assert.throws(() => accept(published.publicKey, date), { code: "public_key_unusable" });
  });

  const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
  const refused: Record<string, unknown> = {
    nothing: "",
    "no key": "MIIB",
    armour: publicKey.export({ format: "pem", type: "spki" }),
    "hex in place of base64": spki.toString("hex"),
    base64url: spki.toString("base64url"),
    "PKCS#1 in place of SPKI": publicKey.export({ format: "der", type: "pkcs1" }).toString("base64"),
    "a certificate's worth of bytes behind": Buffer.concat([spki, Buffer.alloc(10)]).toString("base64"),
    "a key of 1024 bits": small.export({ format: "der", type: "spki" }).toString("base64"),
    "a key on a curve": elliptic.export({ format: "der", type: "spki" }).toString("base64"),
    "a private key": privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
    "a JWK of 1024 bits": { ...jwk, ...small.export({ format: "jwk" }) },
    "a JWK on a curve": elliptic.export({ format: "jwk" }),
    "a private JWK": { ...jwk, ...privateKey.export({ format: "jwk" }) },
    "a JWK for signatures": { ...jwk, use: "sig" },
    "a JWK for OAEP": { ...jwk, alg: "RSA-OAEP-256" },
    "a JWK with an exponent of 1": { ...jwk, e: "AQ" },
    "a JWK without a modulus": { ...jwk, n: undefined },
    "a JWK cut short": JSON.stringify(jwk).slice(0, -1),
  };
  for (const [what, key] of Object.entries(refused))
    test(`not ${what}`, () => {
      assert.throws(() => accept(key), { code: "public_key_unusable" });
    });

  test("not as anything but the answer of /publicKey", () => {
    for (const reply of [
      null,
      undefined,
      [],
      "",
      published.publicKey,
      {},
      { ...published, publicKey: 1 },
      { key: jwk },
    ])
      assert.throws(() => acceptIssuerKey(reply, { clock }), { code: "public_key_unusable" });
  });

  test("of the vectors, too", () => {
    for (const vector of [openssl, python]) {
      const key = createPublicKey({ key: Buffer.from(vector.publicKey, "base64"), format: "der", type: "spki" });
      assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
      assert.doesNotThrow(() => accept(vector.publicKey));
    }
  });
});

function unwrapWithNode(encryptedKey: string): Buffer {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
  return privateDecrypt(key, Buffer.from(encryptedKey, "hex"));
}

/** The PIN field: the guide's steps, backwards. */
function openBlock({ encryptedPinBlock, token }: { encryptedPinBlock: string; token: string }, key: Buffer): string {
  const decrypt = (block: Uint8Array) => {
    const decipher = createDecipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    return Buffer.concat([decipher.update(block), decipher.final()]);
  };
  const panField = Buffer.from(guide.panField.replace(guide.token, token), "hex");
  const blockB = decrypt(Buffer.from(encryptedPinBlock, "hex"));
  return decrypt(blockB.map((byte, index) => byte ^ (panField[index] ?? 0)))
    .toString("hex")
    .toUpperCase();
}
