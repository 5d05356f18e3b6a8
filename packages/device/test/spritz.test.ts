import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { noblePrimitives } from "@linchpin/device/noble";
import { pinRoots } from "@linchpin/device/roots";
import { changePin, revealPin } from "@linchpin/device/spritz";
import { assertUnseen, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { cardId, publicKey, rain } = scene.cardholder.sandbox.spritz;
  const { relay } = scene;
  const forms = {
    "Spritz' form": { relay, cardId, publicKey },
    "Rain's form": { relay, cardId, publicKey: rain.publicKey ?? "", form: "rain" },
    "Rain's legacy row": { relay, cardId, publicKey: rain.legacyPublicKey ?? "", form: "rain", hash: "SHA-1" },
  } as const;
  return { ...scene, scene, card: forms["Spritz' form"], forms };
}

const digitsOf = (pin: { asciiDigits(): Uint8Array }) => Buffer.from(pin.asciiDigits()).toString();

suite("a PIN by Spritz' protocol", () => {
  test("is set and shown in each form, on WebCrypto and on @noble, and the partner saw none", async () => {
    const { scene, cardholder, forms } = await atHand();
    const primitives = noblePrimitives(crypto);
    for (const [name, card] of Object.entries(forms))
      for (const [digits, on] of [
        ["1928", {}],
        ["2837", { primitives }],
      ] as const) {
        const pin = pinOf(digits);
        await changePin({ ...card, ...on, pin });
        assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
        assert.equal((await cardholder.verify(digits)).body.result, "match", name);
        assert.equal(digitsOf(await revealPin({ ...card, ...on })), digits);
      }
    assertUnseen(scene, "1928");
    assertUnseen(scene, "2837");
  });

  for (const [digits, code] of Object.entries({ "1234": "pin_sequence", "1911": "pin_repeats", "19283": "pin_length" }))
    test(`${digits}: ${code}, and nothing is sent`, async () => {
      const { partner, card } = await atHand();
      await assert.rejects(changePin({ ...card, pin: pinOf(digits) }), refusal(code));
      assert.equal(partner.passed.length, 0);
    });

  test("whose answer is lost is set once", async () => {
    for (const name of ["Spritz' form", "Rain's form"] as const) {
      const { partner, cardholder, forms } = await atHand();
      Object.assign(partner, { faultyPath: "/pin", faults: ["answer lost"] });
      await changePin({ ...forms[name], pin: pinOf("1928") });
      assert.deepEqual([partner.count("/pin"), (await cardholder.card()).pin.version], [2, 1]);
    }
  });

  for (const fault of ["answer lost", "request lost", "status 500"] as const)
    test(`${fault}, every time: nobody knows`, async () => {
      const { partner, card } = await atHand();
      Object.assign(partner, { faultyPath: "/pin", faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("outcome_unknown"));
    });

  test("is refused where it is not the issuer's key, or of another row, or none", async () => {
    const { card, forms } = await atHand();
    const { publicKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { publicKey: small } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const pemOf = (key: typeof other) => key.export({ format: "pem", type: "spki" }).toString();
    for (const wrong of [
      { publicKey: pemOf(other) },
      { hash: "SHA-512" },
      { publicKey: forms["Rain's legacy row"].publicKey },
    ] as const) {
      await assert.rejects(changePin({ ...card, ...wrong, pin: pinOf("1928") }), refusal("decryption_failed"));
    }
    await assert.rejects(revealPin({ ...card, cardId: "none" }), refusal("card_unknown"));
    for (const publicKey of [pemOf(small), "key"]) {
      await assert.rejects(changePin({ ...card, publicKey, pin: pinOf("1928") }), refusal("public_key_unusable"));
      await assert.rejects(revealPin({ ...card, publicKey }), refusal("public_key_unusable"));
    }
  });

  test("is not shown before there is one", async () => {
    const { forms } = await atHand();
    for (const card of Object.values(forms)) await assert.rejects(revealPin(card), refusal("pin_not_set"));
  });

  test("is not shown from an answer that is none, or is altered", async () => {
    const { card } = await atHand();
    await changePin({ ...card, pin: pinOf("1928") });
    const answering = (body: unknown) => ({ relay: { send: async () => ({ status: 200, body }) } });
    for (const body of [undefined, null, {}, { encryptedPin: null }, { encryptedPin: { iv: 1, data: "" } }])
      await assert.rejects(revealPin({ ...card, ...answering(body) }), refusal("answer_malformed"));
    const [iv, data] = ["AAECAwQFBgcICQoLDA0ODw==", "i0sK2G0OhlqquHEYO2WZ77OBZt16A8l/zZuoLTif4sM="];
    await assert.rejects(
      revealPin({ ...card, ...answering({ encryptedPin: { iv, data } }) }),
      refusal("decryption_failed"),
    );
    await assert.rejects(
      revealPin({ ...card, ...answering({ encryptedPin: { iv: "-", data } }) }),
      refusal("encoding_invalid"),
    );
  });
});

suite("a PIN by Spritz' protocol, with pinned roots", () => {
  test("is sealed to the issuer's key for that row, and to no other", async () => {
    const { forms, cardholder } = await atHand();
    const { issuerKeysUrl, roots: pinned } = cardholder.sandbox.native;
    const roots = pinRoots({ issuer: new URL(issuerKeysUrl).origin, roots: pinned });
    for (const card of Object.values(forms)) {
      await changePin({ ...card, roots, pin: pinOf("1928") });
      assert.equal(digitsOf(await revealPin({ ...card, roots })), "1928");
    }
    const { publicKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const swapped = other.export({ format: "pem", type: "spki" }).toString();
    for (const wrong of [swapped, forms["Rain's form"].publicKey, forms["Rain's legacy row"].publicKey]) {
      const card = { ...forms["Spritz' form"], publicKey: wrong, roots };
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("issuer_key_unvouched"));
      await assert.rejects(revealPin(card), refusal("issuer_key_unvouched"));
    }
  });
});
