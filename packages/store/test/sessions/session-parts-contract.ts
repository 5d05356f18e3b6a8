import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Card, SessionMessage, Store } from "@linchpin/store";
import type { Database } from "../../src/database/index.ts";
import { spendSession } from "../../src/sessions/spend-session.ts";
import { addCard, addCardWithPin, event, eventsOf, readCard, written } from "../fresh-records.ts";
import { many, type OpenDatabase, runTogether, useCountedStore } from "../groups/counted-store.ts";
import {
  bindByPin,
  bindEffect,
  challengeOf,
  changeTo,
  codeOf,
  limits,
  messageTo,
  thumbprintOf,
  verifyAs,
} from "./session-messages.ts";

/** A message that needs parts of the statement which others do not, and what it must do. */
interface Case {
  readonly message: SessionMessage;
  readonly outcome: string;
  /** Where it differs from `untouched`. */
  readonly state: Partial<State>;
}

/** What a message may have written, besides its spent session and its audit event. */
interface State {
  readonly version: number;
  readonly formerPins: number;
  readonly failedTries: number;
  readonly boundKeys: number;
  readonly wrongCodes: number;
  /** The state of the challenge whose code came. */
  readonly challenge: string | null;
  readonly outboxEntries: number;
}

/** The ordering key of what a message of the card announces: other changes of the card announce theirs. */
const keyOf = (cardId: string) => `session-${cardId}`;

const untouched: State = {
  version: 0,
  formerPins: 0,
  failedTries: 0,
  boundKeys: 0,
  wrongCodes: 0,
  challenge: null,
  outboxEntries: 0,
};

/**
 * What every store must do with messages of which one needs parts of the statement that another does not. `open` is called
 * once, for a migrated database.
 */
export function sessionPartsContract(name: string, open: OpenDatabase): void {
  describe(`messages to sessions that need different parts of a statement: ${name}`, () => {
    let store: Store;
    let database: Database;
    let statements: () => number;
    useCountedStore(open, (counted) => {
      ({ store, database, statements } = counted);
    });

    const bindKey = async (card: Card): Promise<string> => {
      const thumbprint = thumbprintOf();
      await store.spendSession(messageTo(card, { code: codeOf("none", true), effect: bindEffect(thumbprint) }));
      return thumbprint;
    };
    const sendCode = async (card: Card): Promise<string> => {
      const challenge = challengeOf(card);
      await store.sendSessionCode(challenge, limits, written("code", card.id));
      return challenge.id;
    };
    const codeChange = async (card: Card): Promise<SessionMessage> => {
      const code = codeOf(await sendCode(card), true);
      return messageTo(card, { code, demandsNoBoundKey: true, version: 1, effect: changeTo("8264") });
    };

    const cases: Readonly<Record<string, () => Promise<Case>>> = {
      "a change by a device": async () => {
        const card = await addCardWithPin(store);
        const message = messageTo(card, { device: await bindKey(card), version: 1, effect: changeTo("8264") });
        return { message, outcome: "changed", state: { version: 2, formerPins: 1, boundKeys: 1 } };
      },
      "a change without a PIN history": async () => {
        const card = await addCardWithPin(store);
        await store.spendSession(messageTo(card, { version: 1, effect: changeTo("1928") }));
        const message = messageTo(card, { version: 2, effect: { ...changeTo("8264"), pinHistoryLength: 0 } });
        return { message, outcome: "changed", state: { version: 3 } };
      },
      "a change by code, after a wrong one": async () => {
        const card = await addCardWithPin(store);
        await store.spendSession(messageTo(card, { code: codeOf("none", false), effect: changeTo("1928") }));
        const message = await codeChange(card);
        return { message, outcome: "changed", state: { version: 2, formerPins: 1, challenge: "answered" } };
      },
      "a change by code, of a person who has a key": async () => {
        const card = await addCardWithPin(store);
        await bindKey(card);
        const state = { version: 1, boundKeys: 1, challenge: "answered" };
        return { message: await codeChange(card), outcome: "session_stale", state };
      },
      "a wrong PIN": async () => {
        const card = await addCardWithPin(store);
        const message = messageTo(card, { device: await bindKey(card), version: 1, effect: verifyAs(false) });
        return { message, outcome: "mismatch", state: { version: 1, failedTries: 1, boundKeys: 1 } };
      },
      "a device of somebody else": async () => {
        const device = await bindKey(await addCard(store));
        const message = messageTo(await addCardWithPin(store), { device, version: 1, effect: verifyAs(true) });
        return { message, outcome: "device_unknown", state: { version: 1 } };
      },
      "a bind": async () => {
        const card = await addCard(store);
        const message = messageTo(card, { code: codeOf(await sendCode(card), true), effect: bindEffect() });
        return { message, outcome: "bound", state: { boundKeys: 1, challenge: "answered" } };
      },
      "a bind by a wrong PIN": async () => {
        const card = await addCardWithPin(store);
        const message = messageTo(card, { code: codeOf(await sendCode(card), true), effect: bindByPin(false) });
        return { message, outcome: "pin_refused", state: { version: 1, failedTries: 1, challenge: "answered" } };
      },
      "a bind by a wrong code": async () => {
        const card = await addCard(store);
        const message = messageTo(card, { code: codeOf(await sendCode(card), false), effect: bindEffect() });
        return { message, outcome: "code_incorrect", state: { wrongCodes: 1, challenge: "answered" } };
      },
      "a reveal that is announced": async () => {
        const card = await addCardWithPin(store);
        const auditAndOutbox = { revealed: written("revealed", card.id, [event(keyOf(card.id))]) };
        const effect = { type: "revealPin", version: 1 } as const;
        const message = messageTo(card, { device: await bindKey(card), effect, auditAndOutbox });
        return { message, outcome: "revealed", state: { version: 1, boundKeys: 1, outboxEntries: 1 } };
      },
      "a reveal of card data": async () => {
        return { message: messageTo(await addCard(store)), outcome: "revealed", state: {} };
      },
    };

    const stateAfter = async ({ cardId, personId, code, at }: SessionMessage): Promise<State> => {
      const { pin } = await readCard(store, cardId);
      const { boundKeys, wrongCodes } = (await store.findSessionHolder(personId, at)) ?? assert.fail();
      const sent = await database.query("select from outbox where ordering_key = $1", [keyOf(cardId)]);
      return {
        version: pin.version,
        formerPins: (await store.listPinHistory(cardId, 5)).length,
        failedTries: pin.failedTries,
        boundKeys,
        wrongCodes,
        challenge: code && ((await store.findChallenge(code.challengeId))?.state ?? null),
        outboxEntries: sent.length,
      };
    };

    async function assertDone({ message, outcome, state }: Case, decided: string, what: string): Promise<void> {
      assert.equal(decided, outcome, what);
      assert.deepEqual(await stateAfter(message), { ...untouched, ...state }, what);
      assert.equal((await store.findSpentSession(message.sessionHash))?.outcome, outcome, what);
      assert.equal((await eventsOf(store, message.cardId)).at(-1), outcome, what);
    }

    async function assertTogether(names: readonly string[]): Promise<void> {
      const what = names.join(" beside ");
      const made = await many(names.length, (index) => (cases[names[index] ?? ""] ?? assert.fail())());
      const spend = (one: Case) => async () => (await store.spendSession(one.message)).outcome;
      const { results, statements: taken } = await runTogether(statements, made.map(spend));
      assert.equal(taken, 1, what);
      for (const [index, one] of made.entries()) await assertDone(one, results[index] ?? "", what);
    }

    const names = Object.keys(cases);
    for (const [index, name] of names.entries())
      test(`${name} does the same alone and beside any other`, async () => {
        await assertTogether([name]);
        for (const other of names.slice(index)) await assertTogether([name, other]);
      });

    test("all of them share a statement", () => assertTogether(names));

    test("each does the same by a statement that waits for its rows", async () => {
      for (const [name, make] of Object.entries(cases)) {
        const one = await make();
        await assertDone(one, (await spendSession(database, one.message)).outcome, name);
      }
    });
  });
}
