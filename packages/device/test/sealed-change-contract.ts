import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LinchpinError, Pin } from "@linchpin/core";
import { noblePrimitives } from "@linchpin/device/noble";
import type { Relay } from "@linchpin/device/relay";
import { assertUnseen, pinOf, refusal, type Scene, setStage } from "@linchpin/test-fixtures/device/stage";

/** A protocol whose device half seals a PIN to a key that comes by the relay, and sends it as the card's. */
interface SealedChange {
  readonly name: string;
  /** Part of the path by which cards are changed. */
  readonly cardPath: string;
  readonly cardOf: (sandbox: Scene["cardholder"]["sandbox"]) => string;
  readonly change: (card: string, task: Task) => Promise<void>;
  readonly seal: (task: Task) => Promise<string>;
  /** As the backend sends what was sealed; the status. */
  readonly send: (sandbox: Scene["cardholder"]["sandbox"], sealed: string) => Promise<number>;
}

interface Task {
  readonly relay: Relay;
  readonly pin: Pin;
  readonly primitives?: ReturnType<typeof noblePrimitives>;
}

interface AtHand extends Scene {
  readonly card: string;
  /** Of the card at hand, through the relay, unless the task says otherwise. */
  readonly change: (digits: string, more?: Partial<Task>, card?: string) => Promise<void>;
  readonly seal: (digits: string) => Promise<string>;
}

/** The tests that such protocols have in common. @returns what sets the stage for a test of the protocol's own */
export function testSealedChange(protocol: SealedChange): () => Promise<AtHand> {
  const enter = setStage();
  const atHand = async (): Promise<AtHand> => {
    const scene = await enter();
    const { relay } = scene;
    const own = protocol.cardOf(scene.cardholder.sandbox);
    return {
      ...scene,
      card: own,
      change: (digits, more = {}, card = own) => protocol.change(card, { relay, pin: pinOf(digits), ...more }),
      seal: (digits) => protocol.seal({ relay, pin: pinOf(digits) }),
    };
  };
  const faultyCards = (faults: readonly string[]) => ({ faultyPath: protocol.cardPath, faults: [...faults] });

  suite(`a change of the PIN by ${protocol.name}'s protocol`, () => {
    test("is made, and the partner saw no PIN", async () => {
      const scene = await atHand();
      const pin = pinOf("1928");
      await scene.change("1928", { pin });
      assert.deepEqual([...pin.asciiDigits()], [0, 0, 0, 0], "wiped");
      assert.equal((await scene.cardholder.verify("1928")).body.result, "match");
      assertUnseen(scene, "1928");
    });

    test("works on @noble", async () => {
      const { cardholder, change } = await atHand();
      await change("2837", { primitives: noblePrimitives(crypto) });
      assert.equal((await cardholder.verify("2837")).body.result, "match");
    });

    test("to the present PIN is made too", async () => {
      const { cardholder, change } = await atHand();
      for (let times = 0; times < 2; times++) await change("1928");
      assert.equal((await cardholder.card()).pin.version, 2);
    });

    const refusedHere: Readonly<Record<string, LinchpinError["code"]>> = {
      "1234": "pin_sequence",
      "1911": "pin_repeats",
      "19283": "pin_length",
    };
    for (const [digits, code] of Object.entries(refusedHere))
      test(`${digits}: ${code}, and nothing is sent`, async () => {
        const { partner, change, seal } = await atHand();
        await assert.rejects(change(digits), refusal(code));
        await assert.rejects(seal(digits), refusal(code));
        assert.equal(partner.passed.length, 0);
      });

    test("whose answer is lost is made once", async () => {
      const { partner, cardholder, change } = await atHand();
      Object.assign(partner, faultyCards(["answer lost"]));
      await change("1928");
      assert.deepEqual([partner.count(protocol.cardPath), (await cardholder.card()).pin.version], [2, 1]);
    });

    for (const fault of ["answer lost", "request lost", "status 500", "no JSON"])
      test(`${fault}, every time: nobody knows`, async () => {
        const { partner, change } = await atHand();
        Object.assign(partner, faultyCards([fault, fault, fault]));
        await assert.rejects(change("1928"), refusal("outcome_unknown"));
      });

    test("of a card that is blocked, terminated, or no card", async () => {
      const { cardholder, relay, change } = await atHand();
      const path = `/cards/${cardholder.sandbox.issuer.cardId}`;
      for (const [state, code] of Object.entries({ blocked: "card_blocked", terminated: "card_terminated" })) {
        await cardholder.operator("PATCH", path, { state });
        await assert.rejects(change("1928"), refusal(code));
      }
      await assert.rejects(change("1928", { relay }, "none"), refusal("card_unknown"));
    });
  });

  suite(`a PIN that is sealed for the backend to send by ${protocol.name}'s protocol`, () => {
    test("sets a card's PIN once", async () => {
      const { cardholder, seal } = await atHand();
      const sealed = await seal("1928");
      const send = () => protocol.send(cardholder.sandbox, sealed);
      assert.deepEqual([await send(), await send()], [200, 400]);
      assert.equal((await cardholder.verify("1928")).body.result, "match");
    });
  });
  return atHand;
}
