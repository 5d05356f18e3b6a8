import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { changePin } from "@linchpin/device/adyen";
import { noblePrimitives } from "@linchpin/device/noble";
import { revealPin } from "@linchpin/device/plumery";
import { assertUnseen, digitsOf, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

/** The card with the PIN 1928, if any. */
async function atHand({ pin = true } = {}) {
  const scene = await enter();
  const { plumery, adyen } = scene.cardholder.sandbox;
  const { relay } = scene;
  if (pin) await changePin({ relay, paymentInstrumentId: adyen.paymentInstrumentId, pin: pinOf("1928") });
  return { ...scene, scene, card: { relay, cardToken: plumery.cardToken } };
}

suite("a reveal by Plumery's protocol", () => {
  test("shows the PIN, and the partner saw none", async () => {
    const { scene, card } = await atHand();
    assert.equal(digitsOf(await revealPin(card)), "1928");
    assertUnseen(scene, "1928");
  });

  test("works on @noble", async () => {
    const { card } = await atHand();
    assert.equal(digitsOf(await revealPin({ ...card, primitives: noblePrimitives(crypto) })), "1928");
  });

  test("is asked for again when its answer is lost", async () => {
    const { partner, card } = await atHand();
    Object.assign(partner, { faultyPath: "plumery", faults: ["answer lost", "status 500"] });
    assert.equal(digitsOf(await revealPin(card)), "1928");
    assert.equal(partner.count("plumery"), 2);
  });

  test("does not open by another info than the issuer's", async () => {
    const { card } = await atHand();
    await assert.rejects(revealPin({ ...card, info: Uint8Array.of(1) }), refusal("decryption_failed"));
  });

  const alterations: Record<string, readonly [name: string, alter: (text: string) => unknown, code: string]> = {
    "an altered ciphertext": ["ciphertext", flip, "decryption_failed"],
    "an altered salt": ["salt", flip, "decryption_failed"],
    "an altered IV": ["iv", flip, "decryption_failed"],
    "an IV of another length": ["iv", () => "AAAA", "decryption_failed"],
    "a key beside the curve": ["ephemeralPublicKey", (text) => `${text.slice(0, -4)}AAA=`, "public_key_unusable"],
    "no base64": ["salt", () => "*", "encoding_invalid"],
    "a number": ["ciphertext", () => 7, "encoding_invalid"],
  };
  for (const [what, [name, alter, code]] of Object.entries(alterations))
    test(`refuses ${what}`, async () => {
      const { partner, card } = await atHand();
      const tamper = (text: string) => {
        const { encryptedPayload } = JSON.parse(text);
        return JSON.stringify({ encryptedPayload: { ...encryptedPayload, [name]: alter(encryptedPayload[name]) } });
      };
      Object.assign(partner, { faultyPath: "plumery", faults: ["tampered"], tamper });
      await assert.rejects(revealPin(card), refusal(code));
    });

  test("refuses what was sealed for another call", async () => {
    const { partner, card } = await atHand();
    await revealPin(card);
    const former =
      partner.passed
        .findLast(({ path }) => path.includes("plumery"))
        ?.text.split("\n")
        .at(-1) ?? "";
    Object.assign(partner, { faultyPath: "plumery", faults: ["tampered"], tamper: () => former });
    await assert.rejects(revealPin(card), refusal("decryption_failed"));
  });

  test("refuses an answer without a payload", async () => {
    const { partner, card } = await atHand();
    for (const body of ["{}", "null", '{"encryptedPayload":null}']) {
      Object.assign(partner, { faultyPath: "plumery", faults: ["tampered"], tamper: () => body });
      await assert.rejects(revealPin(card), refusal("answer_malformed"));
    }
  });

  test("is refused without a PIN, for no card, for a blocked or terminated one", async () => {
    const { cardholder, card } = await atHand({ pin: false });
    const cardPath = `/cards/${cardholder.sandbox.issuer.cardId}`;
    await assert.rejects(revealPin(card), refusal("conflict"));
    await assert.rejects(revealPin({ ...card, cardToken: "none" }), refusal("card_unknown"));
    await cardholder.operator("PATCH", cardPath, { state: "blocked" });
    await assert.rejects(revealPin(card), refusal("conflict"));
    await cardholder.operator("PATCH", cardPath, { state: "terminated" });
    await assert.rejects(revealPin(card), refusal("card_terminated"));
  });
});

function flip(base64: string): string {
  return `${base64.startsWith("A") ? "B" : "A"}${base64.slice(1)}`;
}
