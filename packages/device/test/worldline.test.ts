import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { noblePrimitives } from "@linchpin/device/noble";
import { changePin, type KeySet, revealPin } from "@linchpin/device/worldline";
import { assertUnseen, digitsOf, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { cardReference, pan, keySets } = scene.cardholder.sandbox.worldline;
  const keySet = (keyId: "01" | "02"): KeySet => ({ keyId, publicKey: keySets[keyId] });
  return { ...scene, scene, keySet, card: { relay: scene.relay, cardReference, pan, keySet: keySet("01") } };
}

suite("a PIN by Worldline's protocol", () => {
  test("is set and shown by either key set, on WebCrypto and on @noble, and the partner saw none", async () => {
    const { scene, cardholder, card, keySet } = await atHand();
    const primitives = noblePrimitives(crypto);
    for (const keyId of ["01", "02"] as const)
      for (const [digits, on] of [
        ["1928", {}],
        ["2837", { primitives }],
      ] as const) {
        const pin = pinOf(digits);
        await changePin({ ...card, ...on, keySet: keySet(keyId), pin });
        assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
        assert.equal((await cardholder.verify(digits)).body.result, "match", keyId);
        assert.equal(digitsOf(await revealPin({ ...card, ...on, keySet: keySet(keyId) })), digits);
      }
    assertUnseen(scene, "1928");
    assertUnseen(scene, "2837");
    assertUnseen(scene, card.pan);
  });

  for (const [digits, code] of Object.entries({ "1234": "pin_sequence", "1911": "pin_repeats", "19283": "pin_length" }))
    test(`${digits}: ${code}, and nothing is sent`, async () => {
      const { partner, card } = await atHand();
      await assert.rejects(changePin({ ...card, pin: pinOf(digits) }), refusal(code));
      assert.equal(partner.passed.length, 0);
    });

  test("whose answer is lost is unknown, as the vendor's answers do not say that it was used; it was set once", async () => {
    const { partner, cardholder, card } = await atHand();
    Object.assign(partner, { faultyPath: "/pin", faults: ["answer lost"] });
    await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("outcome_unknown"));
    assert.deepEqual([partner.count("/pin"), (await cardholder.card()).pin.version], [2, 1]);
    await changePin({ ...card, pin: pinOf("1928") });
    assert.equal((await cardholder.verify("1928")).body.result, "match");
  });

  for (const fault of ["answer lost", "request lost", "status 500"] as const)
    test(`${fault}, every time: nobody knows`, async () => {
      const { partner, card } = await atHand();
      Object.assign(partner, { faultyPath: "/pin", faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("outcome_unknown"));
    });

  test("is refused for another key set, another wrapping, another PAN and another card", async () => {
    const { cardholder, card, keySet } = await atHand();
    const { publicKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const spki = (key: typeof other) => key.export({ format: "der", type: "spki" }).toString("base64");
    for (const wrong of [
      { keySet: { keyId: "01", publicKey: spki(other) } },
      { keySet: { keyId: "02", publicKey: keySet("01").publicKey } },
      { keyWrap: "pkcs1" },
      { pan: "5041151234567890" },
    ] as const) {
      await assert.rejects(changePin({ ...card, ...wrong, pin: pinOf("1928") }), refusal("refused"));
    }
    assert.equal((await cardholder.card()).pin.version, 0);
    const none = { ...card, cardReference: "2000000000000000" };
    await assert.rejects(changePin({ ...none, pin: pinOf("1928") }), refusal("card_unknown"));
    await assert.rejects(revealPin(none), refusal("card_unknown"));
    const { publicKey: small } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    for (const publicKey of [spki(small), "key", ""]) {
      const unfit = { ...card, keySet: { keyId: "01", publicKey } } as const;
      await assert.rejects(changePin({ ...unfit, pin: pinOf("1928") }), refusal("public_key_unusable"));
      await assert.rejects(revealPin(unfit), refusal("public_key_unusable"));
    }
    for (const pan of ["", "504115123456789a", "5".repeat(20)])
      await assert.rejects(changePin({ ...card, pan, pin: pinOf("1928") }), refusal("encoding_invalid"));
  });

  test("is not shown before there is one, nor for another PAN", async () => {
    const { card } = await atHand();
    await assert.rejects(revealPin(card), refusal("refused"));
    await changePin({ ...card, pin: pinOf("1928") });
    await assert.rejects(revealPin({ ...card, pan: "5041151234567890" }), refusal("decryption_failed"));
    assert.equal(digitsOf(await revealPin(card)), "1928");
  });

  test("is not shown from an answer that is none, or is altered", async () => {
    const { card } = await atHand();
    const answering = (body: unknown) => ({ relay: { send: async () => ({ status: 200, body }) } });
    for (const body of [undefined, null, {}, { data: null }, { data: { externalPinAttribute: { pinBlock: 1 } } }])
      await assert.rejects(revealPin({ ...card, ...answering(body) }), refusal("answer_malformed"));
    for (const pinBlock of ["", "0".repeat(32), "0".repeat(31), "g".repeat(32)])
      await assert.rejects(
        revealPin({ ...card, ...answering({ data: { externalPinAttribute: { pinBlock } } }) }),
        refusal("decryption_failed"),
      );
  });
});
