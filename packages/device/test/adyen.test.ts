import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { changePin, revealPin } from "@linchpin/device/adyen";
import { noblePrimitives } from "@linchpin/device/noble";
import { assertUnseen, digitsOf, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { paymentInstrumentId } = scene.cardholder.sandbox.adyen;
  return { ...scene, scene, card: { relay: scene.relay, paymentInstrumentId } };
}

suite("a change of the PIN by Adyen's protocol", () => {
  test("is made and can be revealed, and the partner saw no PIN", async () => {
    const { scene, cardholder, card } = await atHand();
    const pin = pinOf("1928");
    assert.match(await changePin({ ...card, pin }), /^(completed|pending)$/);
    assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
    assert.equal((await cardholder.verify("1928")).body.result, "match");
    const revealed = await revealPin(card);
    assert.equal(digitsOf(revealed), "1928");
    revealed.wipe();
    assertUnseen(scene, "1928");
  });

  test("and its reveal work on @noble", async () => {
    const { card } = await atHand();
    const primitives = noblePrimitives(crypto);
    await changePin({ ...card, pin: pinOf("2837"), primitives });
    assert.equal(digitsOf(await revealPin({ ...card, primitives })), "2837");
  });

  for (const [digits, code] of Object.entries({ "1234": "pin_sequence", "1911": "pin_repeats", "19283": "pin_length" }))
    test(`${digits}: ${code}, and nothing is sent`, async () => {
      const { partner, card } = await atHand();
      await assert.rejects(changePin({ ...card, pin: pinOf(digits) }), refusal(code));
      assert.equal(partner.passed.length, 0);
    });

  test("whose answer is lost is made once, and pending for all that is known", async () => {
    const { partner, cardholder, card } = await atHand();
    Object.assign(partner, { faultyPath: "pins/change", faults: ["answer lost"] });
    assert.equal(await changePin({ ...card, pin: pinOf("1928") }), "pending");
    assert.deepEqual([partner.count("pins/change"), (await cardholder.card()).pin.version], [2, 1]);
  });

  for (const fault of ["answer lost", "request lost", "status 500", "no JSON"] as const)
    test(`${fault}, every time: nobody knows`, async () => {
      const { partner, card } = await atHand();
      Object.assign(partner, { faultyPath: "pins/change", faults: Array(3).fill(fault) });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("outcome_unknown"));
    });

  test("that the issuer can not take now", async () => {
    const { partner, card } = await atHand();
    const tamper = () => '{"status":"unavailable"}';
    Object.assign(partner, { faultyPath: "pins/change", faults: ["tampered"], tamper });
    await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("unavailable"));
  });

  test("of a card that is blocked", async () => {
    const { cardholder, card } = await atHand();
    await cardholder.operator("PATCH", `/cards/${cardholder.sandbox.issuer.cardId}`, { state: "blocked" });
    await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("card_blocked"));
  });

  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "der" });
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "der" });
  const keyReply = (spki: Buffer, publicKeyExpiryDate: string) =>
    JSON.stringify({ publicKey: spki.toString("base64"), publicKeyExpiryDate });
  const keys: Record<string, readonly [reply: string, code: string]> = {
    "too weak": [keyReply(weak, "2999-12-31"), "public_key_unusable"],
    expired: [keyReply(other, "2020-12-31"), "public_key_unusable"],
    "of the relay's own": [keyReply(other, "2999-12-31"), "decryption_failed"],
    "that is none": ["[]", "public_key_unusable"],
  };
  for (const [which, [reply, code]] of Object.entries(keys))
    test(`is refused when the relay hands on a key ${which}`, async () => {
      const { partner, cardholder, card } = await atHand();
      Object.assign(partner, { faultyPath: "publicKey", faults: ["tampered"], tamper: () => reply });
      await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal(code));
      assert.equal((await cardholder.card()).pin.version, 0);
    });

  test("is refused when the relay swaps in the issuer's key for reveals", async () => {
    const { partner, relay, cardholder, card } = await atHand();
    const { body } = await relay.send({ method: "GET", path: "/adyen/publicKey?purpose=pinReveal", mayRepeat: false });
    Object.assign(partner, { faultyPath: "pinChange", faults: ["tampered"], tamper: () => JSON.stringify(body) });
    await assert.rejects(changePin({ ...card, pin: pinOf("1928") }), refusal("decryption_failed"));
    assert.equal((await cardholder.card()).pin.version, 0);
  });
});

suite("a reveal by Adyen's protocol is refused", () => {
  test("where there is no PIN", async () => {
    const { card } = await atHand();
    await assert.rejects(revealPin(card), refusal("pin_not_set"));
  });

  test("when the answer is altered, or another's", async () => {
    const { partner, card } = await atHand();
    await changePin({ ...card, pin: pinOf("1928") });
    const alterations: ((reply: { encryptedPinBlock: string; token: string }) => object)[] = [
      ({ encryptedPinBlock, token }) => ({ encryptedPinBlock: flip(encryptedPinBlock), token }),
      ({ encryptedPinBlock }) => ({ encryptedPinBlock, token: "9".repeat(16) }),
      ({ encryptedPinBlock }) => ({ encryptedPinBlock, token: "1" }),
      ({ token }) => ({ encryptedPinBlock: "", token }),
    ];
    for (const alter of alterations) {
      const tamper = (text: string) => JSON.stringify(alter(JSON.parse(text)));
      Object.assign(partner, { faultyPath: "pins/reveal", faults: ["tampered"], tamper });
      await assert.rejects(revealPin(card), refusal("decryption_failed"));
    }
    Object.assign(partner, { faultyPath: "pins/reveal", faults: ["tampered"], tamper: () => '{"token":7}' });
    await assert.rejects(revealPin(card), refusal("answer_malformed"));
  });

  test("when no answer comes: it is asked for anew, with another key", async () => {
    const { partner, card } = await atHand();
    await changePin({ ...card, pin: pinOf("1928") });
    Object.assign(partner, { faultyPath: "pins/reveal", faults: ["answer lost", "status 500"] });
    await assert.rejects(revealPin(card), refusal("unreachable"));
    await assert.rejects(revealPin(card), refusal("unavailable"));
    assert.equal(digitsOf(await revealPin(card)), "1928");
  });

  test("when aborted", async () => {
    const { card } = await atHand();
    await assert.rejects(revealPin({ ...card, signal: AbortSignal.abort() }), refusal("aborted"));
  });
});

const flip = (hex: string) => `${hex.startsWith("0") ? "1" : "0"}${hex.slice(1)}`;
