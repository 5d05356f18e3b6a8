import assert from "node:assert/strict";
import { constants, createPrivateKey, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { bytesFromHex, Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptKeySet,
  claimOf,
  makePinDisplayRequest,
  makePinSetRequest,
  openDisplayedPin,
} from "@linchpin/protocols/worldline/device";
import {
  keySetOfVersion,
  markOfSessionKey,
  openPinBlock,
  parseSessionKey,
  sealPin,
} from "@linchpin/protocols/worldline/issuer";
import { PinDisplayRequest, PinSetRequest } from "@linchpin/protocols/worldline/wire";
import { Value } from "typebox/value";
import openssl from "../../worldline/vectors/openssl.json" with { type: "json" };
import python from "../../worldline/vectors/python3-cryptography.json" with { type: "json" };

const schemes = {
  oaep: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
  pkcs1: { padding: constants.RSA_PKCS1_PADDING },
} as const;

for (const vectors of [openssl, python]) {
  const { source, publicKey } = vectors;
  const der = Buffer.from(vectors.privateKeyPkcs8, "base64");
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const unwrap = (scheme: keyof typeof schemes, encryptedData: string) =>
    privateDecrypt({ key: privateKey, ...schemes[scheme] }, Buffer.from(encryptedData, "hex"));

  for (const [name, primitives] of [
    ["node:crypto", nodeCryptoPrimitives],
    ["WebCrypto", webCryptoPrimitives],
  ] as const)
    suite(`by ${source}, on ${name}`, () => {
      for (const scheme of ["oaep", "pkcs1"] as const)
        for (const { pin, pan, sessionKey, pinBlock, encryptedData } of vectors[scheme])
          test(`${scheme}: a block of ${pin} for ${pan.length} digits under ${sessionKey.length / 2} bytes is opened`, async () => {
            const wrapped = { algoId: "06", encryptedData, keyId: "01" } as const;
            const { wrappedKey } = await parseSessionKey(primitives, wrapped);
            assert.deepEqual(wrappedKey, bytesFromHex(encryptedData.toLowerCase()));
            const key = unwrap(scheme, encryptedData);
            assert.equal(key.toString("hex").toUpperCase(), sessionKey);
            for (const text of [pinBlock, pinBlock.toLowerCase()])
              assert.ok((await openPinBlock(primitives, { pinBlock: text, pan }, key)).equals(new Pin(utf8(pin))));
            const shown = await openDisplayedPin(primitives, { attribute: { pinBlock }, pan, sessionKey: key });
            assert.ok(shown.equals(new Pin(utf8(pin))));
            const otherPan = pan.replace(/^5/, "4");
            await assert.rejects(openPinBlock(primitives, { pinBlock, pan: otherPan }, key), {
              code: "decryption_failed",
            });
          });

      for (const keyWrap of ["oaep", "pkcs1"] as const)
        test(`what the device half makes by ${keyWrap} is right by the other's key`, async () => {
          const issuerKey = acceptKeySet({ keyId: "02", publicKey }, { keyWrap });
          const pan = "5041151234567890";
          const set = await makePinSetRequest(primitives, { pin: new Pin(utf8("0471")), pan, issuerKey });
          assert.ok(Value.Check(PinSetRequest, set));
          const { encryptedSessionKey, pinBlock } = set.pinAttribute;
          assert.match(pinBlock, /^[0-9A-F]{32}$/);
          assert.equal(encryptedSessionKey?.keyId, "02");
          const key = unwrap(keyWrap, encryptedSessionKey?.encryptedData ?? "");
          assert.ok((await openPinBlock(primitives, { pinBlock, pan }, key)).equals(new Pin(utf8("0471"))));
          const { request, sessionKey } = await makePinDisplayRequest(primitives, issuerKey);
          assert.ok(Value.Check(PinDisplayRequest, request));
          assert.deepEqual(unwrap(keyWrap, request.encryptedSessionKey.encryptedData), Buffer.from(sessionKey));
          const answer = await sealPin(primitives, new Pin(utf8("0471")), { pan, sessionKey, keySet: "02" });
          const shown = await openDisplayedPin(primitives, { attribute: answer, pan, sessionKey });
          assert.ok(shown.equals(new Pin(utf8("0471"))));
        });
    });
}

suite("the sheet's values", () => {
  const pan = "5041151234567890";
  const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index);
  /** What is drawn: the fill of the PIN field. */
  const fill = Uint8Array.from(Buffer.from("0011223344556677", "hex"));
  for (const [lengthBytes, block] of [
    [16, "556FEDE563965533AE46A99AB52EB3C4"],
    [32, "FF0F2451EB9EECCCFC014FE56A3E93F6"],
  ] as const)
    test(`under a key of ${lengthBytes} bytes`, async () => {
      const primitives = { ...nodeCryptoPrimitives, randomBytes: () => fill };
      const sessionKey = counting(lengthBytes);
      const { pinBlock } = await sealPin(primitives, new Pin(utf8("1234")), { pan, sessionKey, keySet: "01" });
      assert.equal(pinBlock, block);
      assert.ok((await openPinBlock(primitives, { pinBlock, pan }, sessionKey)).equals(new Pin(utf8("1234"))));
    });
});

suite("key sets", () => {
  test("take turns with the key's versions", () => {
    assert.deepEqual([1, 2, 3, 4].map(keySetOfVersion), ["01", "02", "01", "02"]);
  });

  test("are listed in a manifest as what they are for", () => {
    const given = { keyId: "01", publicKey: openssl.publicKey } as const;
    const { purpose, alg } = claimOf(acceptKeySet(given));
    assert.deepEqual([purpose, alg], ["worldline-pin", "RSA-OAEP-256"]);
    const other = claimOf(acceptKeySet(given, { keyWrap: "pkcs1" }));
    assert.deepEqual([other.purpose, other.alg], ["worldline-pin-pkcs1", "RSA1_5"]);
  });

  for (const [what, publicKey] of Object.entries({
    nothing: "",
    "no base64": "%",
    "another structure": "AAAA",
    "a PEM": `-----BEGIN PUBLIC KEY-----\n${openssl.publicKey}\n-----END PUBLIC KEY-----`,
    "a private key": openssl.privateKeyPkcs8,
  }))
    test(`are refused: ${what}`, () => {
      assert.throws(() => acceptKeySet({ keyId: "01", publicKey }), { code: "public_key_unusable" });
    });
});

test("the mark of a session key is the same for the same key, and shows nothing of it", async () => {
  const key = new Uint8Array(32).fill(7);
  const marks = await Promise.all(
    [key, key.slice(), key.slice(1)].map((each) => markOfSessionKey(nodeCryptoPrimitives, each)),
  );
  assert.deepEqual(marks[0], marks[1]);
  assert.notDeepEqual(marks[0], marks[2]);
  assert.equal(marks[0]?.length, 32);
});
