import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { suite, test } from "node:test";
import { type AgreementKey, bytesFromBase64, LinchpinError, Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin, type RevealKey } from "@linchpin/protocols/plumery/device";
import { parseClientPublicKey, sealCardData, sealCardPin } from "@linchpin/protocols/plumery/issuer";
import type { EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import { unusableClientKeys } from "@linchpin/test-fixtures/messages/unusable-client-keys";
import python from "../../plumery/vectors/python3-cryptography.json" with { type: "json" };

type Vector = (typeof python.pins)[number];

/** As if the device had made the vector's key. */
function revealKeyOf({ clientScalarHex, clientPublicKey }: Vector): RevealKey {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(clientScalarHex, "hex");
  const key: AgreementKey = {
    publicPoint: Uint8Array.from(ecdh.getPublicKey()),
    agree: async (peerPoint) => Uint8Array.from(ecdh.computeSecret(peerPoint)),
  };
  return { publicKeyBase64: clientPublicKey, key };
}

const openingOf = (vector: Vector) => ({
  revealKey: revealKeyOf(vector),
  payload: vector.encryptedPayload,
  ...(vector.info === "" ? {} : { info: utf8(vector.info) }),
});

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`Plumery's device half on ${name}`, () => {
    for (const vector of python.pins)
      test(`opens ${vector.plaintext}, sealed by ${python.source}, ${vector.encoding}, info "${vector.info}"`, async () => {
        const pin = await openCardPin(primitives, openingOf(vector));
        assert.deepEqual(pin.asciiDigits(), utf8(JSON.parse(vector.plaintext).pin));
      });

    for (const vector of python.cards)
      test(`opens ${vector.plaintext}, sealed by ${python.source}, ${vector.encoding}`, async () => {
        assert.deepEqual(await openCardData(primitives, openingOf(vector)), JSON.parse(vector.plaintext));
      });

    for (const vector of python.refused)
      test(`refuses ${vector.plaintext || "nothing"}, sealed by the same`, async () => {
        await assert.rejects(openCardPin(primitives, openingOf(vector)), { code: "decryption_failed" });
        await assert.rejects(openCardData(primitives, openingOf(vector)), isSilent);
      });

    test("refuses a PIN where a card is asked for, and a card where a PIN is", async () => {
      for (const vector of python.pins)
        await assert.rejects(openCardData(primitives, openingOf(vector)), { code: "decryption_failed" });
      for (const vector of python.cards)
        await assert.rejects(openCardPin(primitives, openingOf(vector)), { code: "decryption_failed" });
    });

    test("makes a key of its own for each reveal, in the encoding asked for", async () => {
      const [one, two, raw] = [
        await makeRevealKey(primitives),
        await makeRevealKey(primitives, "spki"),
        await makeRevealKey(primitives, "raw"),
      ];
      const lengths = [one, two, raw].map(({ publicKeyBase64 }) => bytesFromBase64(publicKeyBase64).length);
      assert.deepEqual(lengths, [91, 91, 65]);
      assert.notEqual(one.publicKeyBase64, two.publicKeyBase64);
    });

    test("opens what the issuer half seals, by either encoding and any length of PIN", async () => {
      for (const encoding of ["spki", "raw"] as const)
        for (const digits of ["0480", "739150", "012345678901"]) {
          const revealKey = await makeRevealKey(primitives, encoding);
          const payload = await seal(revealKey, digits);
          const pin = await openCardPin(primitives, { revealKey, payload });
          assert.deepEqual(pin.asciiDigits(), utf8(digits));
        }
    });

    test("refuses each altered byte, another info, another device's key", async () => {
      const revealKey = await makeRevealKey(primitives, "raw");
      const payload = await seal(revealKey, "1928");
      for (const member of ["iv", "ciphertext", "salt"] as const)
        for (const index of bytesFromBase64(payload[member]).keys()) {
          const wrong = { ...payload, [member]: altered(payload[member], index) };
          await assert.rejects(openCardPin(primitives, { revealKey, payload: wrong }), { code: "decryption_failed" });
        }
      for (const index of bytesFromBase64(payload.ephemeralPublicKey).keys()) {
        const wrong = { ...payload, ephemeralPublicKey: altered(payload.ephemeralPublicKey, index) };
        await assert.rejects(openCardPin(primitives, { revealKey, payload: wrong }), { code: "public_key_unusable" });
      }
      const another = await makeRevealKey(primitives);
      for (const opening of [
        { revealKey, payload, info: utf8("agreed") },
        { revealKey: another, payload },
        { revealKey, payload: { ...payload, ephemeralPublicKey: another.publicKeyBase64 } },
      ])
        await assert.rejects(openCardPin(primitives, opening), { code: "decryption_failed" });
    });

    test("refuses what is cut off, too long, missing, or no base64", async () => {
      const revealKey = await makeRevealKey(primitives);
      const payload = await seal(revealKey, "1928");
      for (const member of ["iv", "ciphertext", "salt", "ephemeralPublicKey"] as const)
        for (const value of [
          "",
          "AA==",
          payload[member].slice(4),
          `${payload[member].slice(0, -4)}AAAAAAAA`,
          payload[member].replace(/=*$/, "!"),
          ` ${payload[member]}`,
          undefined,
          7,
        ]) {
          const wrong = { ...payload, [member]: value } as EncryptedPayload;
          await assert.rejects(openCardPin(primitives, { revealKey, payload: wrong }), isSilent);
        }
    });

    test("refuses a server key that is none", async () => {
      const revealKey = await makeRevealKey(primitives);
      const payload = await seal(revealKey, "1928");
      for (const ephemeralPublicKey of Object.values(unusableClientKeys)) {
        const wrong = { ...payload, ephemeralPublicKey };
        await assert.rejects(openCardPin(primitives, { revealKey, payload: wrong }), isSilent);
      }
    });

    test("says nothing of what opened to no card", async () => {
      const revealKey = await makeRevealKey(primitives);
      const client = await parseClientPublicKey(primitives, revealKey.publicKeyBase64);
      for (const [pan, cvv2] of [
        ["99999901234", "012"],
        ["99999901234567890123", "012"],
        ["9999990123456784", "01"],
        ["9999990123456784", "01234"],
        ["999999012345678x", "012"],
        ['9999990123456784"', "012"],
      ] as const) {
        const sealing = { pan: utf8(pan), cvv2: utf8(cvv2), client, info: new Uint8Array(0) };
        const payload = await sealCardData(primitives, sealing);
        await assert.rejects(openCardData(primitives, { revealKey, payload }), isSilent);
      }
    });
  });

async function seal({ publicKeyBase64 }: RevealKey, digits: string): Promise<EncryptedPayload> {
  const client = await parseClientPublicKey(nodeCryptoPrimitives, publicKeyBase64);
  const pin = new Pin(utf8(digits));
  return sealCardPin(nodeCryptoPrimitives, { pin, client, info: new Uint8Array(0) });
}

function altered(base64: string, index: number): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString("base64");
}

/** A refusal that quotes nothing of what was received: no digit of a PIN or PAN, and no cause that might. */
function isSilent(error: unknown): boolean {
  assert.ok(error instanceof LinchpinError);
  assert.match(error.code, /^(decryption_failed|encoding_invalid|public_key_unusable)$/);
  assert.doesNotMatch(`${error.message} ${error.reason}`, /\d{4}/);
  if (error.code === "decryption_failed") assert.equal(error.cause, undefined);
  return true;
}
