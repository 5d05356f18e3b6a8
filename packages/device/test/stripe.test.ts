import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { noblePrimitives } from "@linchpin/device/noble";
import { changePin, sealPin } from "@linchpin/device/stripe";
import { assertUnseen, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { cardId } = scene.cardholder.sandbox.stripe;
  return { ...scene, scene, card: { relay: scene.relay, cardId } };
}

suite("a change of the PIN by Stripe's protocol", () => {
  test("is made, and the partner saw no PIN", async () => {
    const { scene, cardholder, card } = await atHand();
    const pin = pinOf("1928");
    await changePin({ ...card, pin });
    assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
    assert.equal((await cardholder.verify("1928")).body.result, "match");
    assertUnseen(scene, "1928");
  });

  test("works on @noble", async () => {
    const { cardholder, card } = await atHand();
    await changePin({ ...card, pin: pinOf("2837"), primitives: noblePrimitives(crypto) });
    assert.equal((await cardholder.verify("2837")).body.result, "match");
  });

  test("to the present PIN is made too", async () => {
    const { cardholder, card } = await atHand();
    for (let times = 0; times < 2; times++) await changePin({ ...card, pin: pinOf("1928") });
    assert.equal((await cardholder.card()).pin.version, 2);
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
    Object.assign(partner, { faultyPath: "issuing/cards", faults: ["answer lost"] });
    await changePin({ ...card, pin: pinOf("1928") });
    assert.deepEqual([partner.count("issuing/cards"), (await cardholder.card()).pin.version], [2, 1]);
  });

  for (const fault of ["answer lost", "request lost", "status 500", "no JSON"] as const)
    test(`${fault}, every time: nobody knows`, async () => {
      const { partner, card } = await atHand();
      Object.assign(partner, { faultyPath: "issuing/cards", faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("outcome_unknown"));
    });

  test("of a card that is blocked, terminated, or no card", async () => {
    const { cardholder, card } = await atHand();
    const path = `/cards/${cardholder.sandbox.issuer.cardId}`;
    for (const [state, code] of Object.entries({ blocked: "card_blocked", terminated: "card_terminated" })) {
      await cardholder.operator("PATCH", path, { state });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal(code));
    }
    await assert.rejects(changePin({ ...card, cardId: "ic_none", pin: pinOf("1928") }), refusal("card_unknown"));
  });

  test("seals to the key of the moment, and says when that one was retired in between", async () => {
    const { partner, cardholder, card } = await atHand();
    const { keysUrl } = cardholder.sandbox.stripe;
    const former = await (await fetch(keysUrl)).text();
    await cardholder.operator("POST", "/keys/stripe-pin/rotate");
    await changePin({ ...card, pin: pinOf("1928") });
    await cardholder.operator("POST", `/keys/${JSON.parse(former).key_id}/retire`);
    Object.assign(partner, { faultyPath: "v1/keys", faults: ["tampered"], tamper: () => former });
    await assert.rejects(changePin({ ...card, pin: pinOf("2837") }), refusal("key_expired"));
  });

  const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).publicKey;
  const keyReply = (key: ReturnType<typeof rsa>, key_id: unknown = "key_other") =>
    JSON.stringify({ key_id, jwk: key.export({ format: "jwk" }) });
  const keys: Record<string, readonly [reply: string, code: string]> = {
    "too weak": [keyReply(rsa(1024)), "public_key_unusable"],
    "of the relay's own": [keyReply(rsa(2048)), "key_expired"],
    "without an id": [keyReply(rsa(2048), null), "public_key_unusable"],
    "that is none": ["[]", "public_key_unusable"],
  };
  for (const [which, [reply, code]] of Object.entries(keys))
    test(`is refused when the relay hands on a key ${which}`, async () => {
      const { partner, cardholder, card } = await atHand();
      Object.assign(partner, { faultyPath: "v1/keys", faults: ["tampered"], tamper: () => reply });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal(code));
      assert.equal((await cardholder.card()).pin.version, 0);
    });
});

suite("a PIN that is sealed for the backend to post", () => {
  test("sets a card's PIN once", async () => {
    const { cardholder, card } = await atHand();
    const { baseUrl, apiKey, cardId } = cardholder.sandbox.stripe;
    const sealed = await sealPin({ relay: card.relay, pin: pinOf("1928") });
    const post = () =>
      fetch(`${baseUrl}/v1/issuing/cards/${cardId}`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}` },
        body: new URLSearchParams({ "pin[encrypted_number]": sealed }),
      });
    assert.deepEqual([(await post()).status, (await post()).status], [200, 400]);
    assert.equal((await cardholder.verify("1928")).body.result, "match");
  });
});
