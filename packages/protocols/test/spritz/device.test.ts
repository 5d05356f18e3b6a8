import assert from "node:assert/strict";
import { constants, createDecipheriv, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { claimOf, makePinGet, makePinSet, openPinGet, readIssuerKey } from "@linchpin/protocols/spritz/device";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ format: "pem", type: "spki" }).toString();

/** The session key of a message, by node:crypto. */
function sessionKeyOf(encryptedKey: string, hash: string): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const oaepHash = hash.replace("-", "").toLowerCase();
  const text = privateDecrypt({ key: privateKey, padding, oaepHash }, Buffer.from(encryptedKey, "base64")).toString();
  assert.match(text, /^[A-Za-z0-9+/]{22}==$/);
  return Buffer.from(text, "base64");
}

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`Spritz' device half on ${name}`, () => {
    for (const [form, hash] of [
      ["spritz", "SHA-1"],
      ["spritz", "SHA-512"],
      ["rain", "SHA-512"],
      ["rain", "SHA-1"],
    ] as const)
      for (const [digits, block] of [
        ["0123", "240123FFFFFFFFFF"],
        ["012345678901", "2c012345678901FF"],
      ] as const)
        test(`seals ${digits} for ${form} by ${hash}, and node:crypto opens it`, async () => {
          const issuerKey = readIssuerKey(pem, { form, hash });
          const { encryptedKey, encryptedPin } = await makePinSet(primitives, {
            pin: new Pin(utf8(digits)),
            issuerKey,
          });
          const [iv, data] = [Buffer.from(encryptedPin.iv, "base64"), Buffer.from(encryptedPin.data, "base64")];
          assert.deepEqual([encryptedKey.length, iv.length, data.length], [344, 16, 32]);
          const decipher = createDecipheriv("aes-128-gcm", sessionKeyOf(encryptedKey, hash), iv);
          decipher.setAuthTag(data.subarray(16));
          const opened = Buffer.concat([decipher.update(data.subarray(0, 16)), decipher.final()]);
          assert.equal(opened.toString(), block);
        });

    test("draws another session key and another IV each time", async () => {
      const issuerKey = readIssuerKey(pem);
      const make = () => makePinSet(primitives, { pin: new Pin(utf8("0123")), issuerKey });
      const [one, other] = [await make(), await make()];
      assert.notEqual(one.encryptedPin.iv, other.encryptedPin.iv);
      assert.ok(!sessionKeyOf(one.encryptedKey, "SHA-1").equals(sessionKeyOf(other.encryptedKey, "SHA-1")));
    });

    test("wipes session key and block, whether sealing works or not", async () => {
      for (const key of [
        pem,
        generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "pem", type: "spki" }),
      ]) {
        const drawn: Uint8Array[] = [];
        const watched = {
          ...primitives,
          randomBytes: (length: number) => {
            const bytes = primitives.randomBytes(length);
            drawn.push(bytes);
            return bytes;
          },
        };
        const issuerKey = readIssuerKey(key.toString());
        const making = makePinSet(watched, { pin: new Pin(utf8("0123")), issuerKey });
        await making.catch((error) => assert.equal(error.code, "public_key_unusable"));
        await makePinGet(watched, issuerKey).catch((error) => assert.equal(error.code, "public_key_unusable"));
        assert.deepEqual(drawn[0], new Uint8Array(16));
      }
    });

    test("keeps a get's session key, and opens no answer to another", async () => {
      const { encryptedKey, sessionKey } = await makePinGet(primitives, readIssuerKey(pem));
      assert.deepEqual(sessionKeyOf(encryptedKey, "SHA-1"), Buffer.from(sessionKey));
      const encryptedPin = { iv: "AAECAwQFBgcICQoLDA0ODw==", data: "i0sK2G0OhlqquHEYO2WZ77OBZt16A8l/zZuoLTif4sM=" };
      await assert.rejects(openPinGet(primitives, { encryptedPin, sessionKey }), { code: "decryption_failed" });
    });

    test("opens the answers that were computed, with an IV of 16 and of 12 bytes", async () => {
      const sessionKey = Uint8Array.from(Buffer.from("00112233445566778899AABBCCDDEEFF", "hex"));
      for (const encryptedPin of [
        { iv: "AAECAwQFBgcICQoLDA0ODw==", data: "i0sK2G0OhlqquHEYO2WZ77OBZt16A8l/zZuoLTif4sM=" },
        { iv: "AAECAwQFBgcICQoL", data: "GeEB85ajySbZfm/ZVssHq+7QAdcpayjJcACIwn6tPno=" },
      ]) {
        const pin = await openPinGet(primitives, { encryptedPin, sessionKey });
        assert.equal(Buffer.from(pin.asciiDigits()).toString(), "6784");
      }
    });
  });

suite("the issuer's key", () => {
  test("is refused where a session key is wrapped: of less than 2048 bits, or no RSA key", async () => {
    for (const { publicKey: other } of [
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }),
    ]) {
      const issuerKey = readIssuerKey(other.export({ format: "pem", type: "spki" }).toString());
      const pin = new Pin(utf8("0123"));
      await assert.rejects(makePinSet(webCryptoPrimitives, { pin, issuerKey }), { code: "public_key_unusable" });
      await assert.rejects(makePinGet(webCryptoPrimitives, issuerKey), { code: "public_key_unusable" });
    }
  });

  test("is refused at once where it is no PEM", () => {
    for (const text of ["", "key", publicKey.export({ format: "pem", type: "pkcs1" }).toString()])
      assert.throws(() => readIssuerKey(text), { code: "public_key_unusable" });
  });

  test("is listed in a manifest by form and hash, so that no key serves two", () => {
    const listed = [{}, { hash: "SHA-512" }, { form: "rain" }, { form: "rain", hash: "SHA-1" }] as const;
    assert.deepEqual(
      listed.map((row) => claimOf(readIssuerKey(pem, row))).map(({ purpose, alg }) => [purpose, alg]),
      [
        ["spritz-pin", "RSA-OAEP"],
        ["spritz-pin-sha512", "RSA-OAEP-512"],
        ["rain-pin", "RSA-OAEP-512"],
        ["rain-pin-legacy", "RSA-OAEP"],
      ],
    );
  });
});
