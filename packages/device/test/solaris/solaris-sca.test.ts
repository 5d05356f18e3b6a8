import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { confirmPinChange, requestPinChange } from "@linchpin/device/solaris-sca";
import { assertUnseen, pinOf, refusal, setStage } from "@linchpin/test-fixtures/device/stage";

const enter = setStage();

async function atHand() {
  const scene = await enter();
  const { personId, cardAccountId: cardId } = scene.cardholder.sandbox.solaris;
  return { ...scene, request: { relay: scene.relay, personId, cardId }, person: { relay: scene.relay, personId } };
}

suite("a change that a TAN confirms", () => {
  test("is made when the TAN comes, and not before", async () => {
    const { cardholder, partner, relay, request, person } = await atHand();
    const pin = pinOf("1928");
    const changeRequestId = await requestPinChange({ ...request, pin });
    assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
    assert.equal((await cardholder.card()).pin.status, "not_set");
    await confirmPinChange({ ...person, changeRequestId, tan: await cardholder.newestOtp() });
    assert.equal((await cardholder.verify("1928")).body.result, "match");
    assertUnseen({ cardholder, partner, relay }, "1928");
  });

  test("is refused for a wrong TAN, and then still open to the right one", async () => {
    const { cardholder, request, person } = await atHand();
    const changeRequestId = await requestPinChange({ ...request, pin: pinOf("1928") });
    const tan = await cardholder.newestOtp();
    const wrong = tan === "000000" ? "000001" : "000000";
    await assert.rejects(confirmPinChange({ ...person, changeRequestId, tan: wrong }), refusal("tan_invalid"));
    await confirmPinChange({ ...person, changeRequestId, tan });
    await assert.rejects(confirmPinChange({ ...person, changeRequestId, tan }), refusal("refused"));
  });

  test("breaks a rule: nothing is sent", async () => {
    const { partner, request } = await atHand();
    await assert.rejects(requestPinChange({ ...request, pin: pinOf("4321") }), refusal("pin_sequence"));
    assert.equal(partner.passed.length, 0);
  });

  test("an answer that is lost does no harm before the TAN: asked for again", async () => {
    const { cardholder, partner, request, person } = await atHand();
    for (const faultyPath of ["sca_pin_update_requests", "authorize"]) {
      Object.assign(partner, { faultyPath, faults: ["answer lost"] });
      await assert.rejects(requestPinChange({ ...request, pin: pinOf("1928") }), refusal("unreachable"));
    }
    const changeRequestId = await requestPinChange({ ...request, pin: pinOf("1928") });
    await confirmPinChange({ ...person, changeRequestId, tan: await cardholder.newestOtp() });
    assert.equal((await cardholder.card()).pin.version, 1);
  });

  test("an answer to the TAN that is lost: nobody knows", async () => {
    const { cardholder, partner, request, person } = await atHand();
    const changeRequestId = await requestPinChange({ ...request, pin: pinOf("1928") });
    Object.assign(partner, { faultyPath: "confirm", faults: ["answer lost"] });
    const confirmation = { ...person, changeRequestId, tan: await cardholder.newestOtp() };
    await assert.rejects(confirmPinChange(confirmation), refusal("outcome_unknown"));
  });

  test("the card is blocked", async () => {
    const { cardholder, request } = await atHand();
    await cardholder.operator("PATCH", `/cards/${cardholder.sandbox.issuer.cardId}`, { state: "blocked" });
    await assert.rejects(requestPinChange({ ...request, pin: pinOf("1928") }), refusal("card_blocked"));
  });
});
