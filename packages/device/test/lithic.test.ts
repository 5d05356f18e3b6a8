import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { changePin, sealPin } from "@linchpin/device/lithic";
import { noblePrimitives } from "@linchpin/device/noble";
import { assertUnseen, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { cardToken } = scene.cardholder.sandbox.lithic;
  return { ...scene, scene, card: { relay: scene.relay, cardToken } };
}

suite("a change of the PIN by Lithic's protocol", () => {
  test("is made, and the partner saw no PIN", async () => {
    const { scene, cardholder, card } = await atHand();
    const pin = pinOf("1928");
    await changePin({ ...card, pin });
    assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
    assert.equal((await cardholder.verify("1928")).body.result, "match");
    assertUnseen(scene, "1928");
  });

  test("works on @noble, and with a key that is compiled in, which is not fetched", async () => {
    const { partner, cardholder, card } = await atHand();
    const publicKeyPem = await (await fetch(cardholder.sandbox.lithic.publicKeyUrl)).text();
    await changePin({ ...card, publicKeyPem, pin: pinOf("2837"), primitives: noblePrimitives(crypto) });
    assert.equal((await cardholder.verify("2837")).body.result, "match");
    assert.equal(partner.count("pub.pem"), 0);
  });

  for (const [digits, code] of Object.entries({ "1234": "pin_sequence", "1911": "pin_repeats", "19283": "pin_length" }))
    test(`${digits}: ${code}, and nothing is sent`, async () => {
      const { partner, card } = await atHand();
      await assert.rejects(changePin({ ...card, pin: pinOf(digits) }), refusal(code));
      await assert.rejects(sealPin({ ...card, pin: pinOf(digits) }), refusal(code));
      assert.equal(partner.passed.length, 0);
    });

  test("whose answer is lost is made once", async () => {
    const { partner, cardholder, card } = await atHand();
    Object.assign(partner, { faultyPath: "v1/cards", faults: ["answer lost"] });
    await changePin({ ...card, pin: pinOf("1928") });
    assert.deepEqual([partner.count("v1/cards"), (await cardholder.card()).pin.version], [2, 1]);
  });

  test("of a card that is blocked, terminated, or no card", async () => {
    const { cardholder, card } = await atHand();
    const path = `/cards/${cardholder.sandbox.issuer.cardId}`;
    for (const [state, code] of Object.entries({ blocked: "card_blocked", terminated: "card_terminated" })) {
      await cardholder.operator("PATCH", path, { state });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal(code));
    }
    await assert.rejects(changePin({ ...card, cardToken: "none", pin: pinOf("1928") }), refusal("card_unknown"));
  });

  const pem = (modulusLength: number) =>
    generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "pem", type: "spki" }).toString();
  const keys: Record<string, readonly [pem: string, code: string]> = {
    "too weak": [pem(1024), "public_key_unusable"],
    "of somebody else's": [pem(2048), "decryption_failed"],
    "that is none": ["-----BEGIN PUBLIC KEY-----", "public_key_unusable"],
  };
  for (const [which, [publicKeyPem, code]] of Object.entries(keys))
    test(`is refused with a key ${which}`, async () => {
      const { cardholder, card } = await atHand();
      await assert.rejects(changePin({ ...card, publicKeyPem, pin: pinOf("1928") }), refusal(code));
      assert.equal((await cardholder.card()).pin.version, 0);
    });
});
