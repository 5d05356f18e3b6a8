import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { bindDevice, changePin, type NativeBinding, type ShownSession, verifyPin } from "@linchpin/device/native";
import { revealCard, revealPin } from "@linchpin/device/native-reveal";
import {
  assertUnseen,
  digitsOf,
  nativeCardholderOf,
  pinOf,
  refusal,
  setStage,
} from "@linchpin/test-fixtures/device/stage";
import { memoryDeviceKeys } from "./memory-device-keys.ts";

const enter = setStage();

/** A device that is bound to the running issuer, through the example relay. */
async function atHand() {
  const scene = await enter();
  const holder = await nativeCardholderOf(scene);
  const { cardId, roots, issuerKeysUrl } = holder.sandbox.native;
  const shown: ShownSession[] = [];
  const confirm = (session: ShownSession) => shown.push(session) > 0;
  const task = {
    relay: scene.relay,
    pins: { issuer: new URL(issuerKeysUrl).origin, roots },
    keys: memoryDeviceKeys<NativeBinding>(),
    card: cardId as string,
  };
  const askForCode = async (session: ShownSession) => {
    shown.push(session);
    return { code: await holder.newestCode(), digits: await holder.lastDigits() };
  };
  await bindDevice({ ...task, askForCode });
  return { scene, holder, shown, task, askForCode, card: { ...task, confirm } };
}

suite("a device by the native protocol, before a running issuer", () => {
  test("binds, sets the PIN, checks and shows it, and shows the card; the partner saw none of it", async () => {
    const { scene, holder, shown, card } = await atHand();
    await changePin({ ...card, pin: pinOf("1928") });
    assert.deepEqual(await verifyPin({ ...card, pin: pinOf("1928") }), { result: "match" });
    assert.deepEqual(await verifyPin({ ...card, pin: pinOf("4711") }), { result: "mismatch", remaining: 2 });
    assert.equal(digitsOf(await revealPin(card)), "1928");
    const { pan } = await revealCard(card);
    assert.equal(pan.slice(-8), await holder.lastDigits());
    assert.deepEqual([...new Set(shown.map(({ last4 }) => last4))], [pan.slice(-4)]);
    for (const secret of ["1928", "4711", pan]) assertUnseen(scene, secret);
  });

  test("changes once, however often an answer is lost", async () => {
    const { scene, holder, card } = await atHand();
    Object.assign(scene.partner, { faultyPath: "native/operations", faults: ["answer lost", "status 500"] });
    await changePin({ ...card, pin: pinOf("1928") });
    assert.equal((await holder.card()).pin.version, 1);
  });

  test("is refused a PIN that the policy refuses, a wrong code, and a blocked card, each signed", async () => {
    const { holder, task, card } = await atHand();
    const digits = await holder.lastDigits();
    const wrong = async () => ({ code: "000000", digits });
    await assert.rejects(bindDevice({ ...task, askForCode: wrong }), refusal("code_incorrect"));
    await assert.rejects(changePin({ ...card, pin: pinOf("1234") }), refusal("pin_sequence"));
    const block = async () => {
      const { status } = await holder.operator("PATCH", `/cards/${holder.sandbox.issuer.cardId}`, { state: "blocked" });
      return status === 200 || status === 204;
    };
    await assert.rejects(changePin({ ...card, confirm: block, pin: pinOf("1928") }), refusal("card_blocked"));
  });
});
