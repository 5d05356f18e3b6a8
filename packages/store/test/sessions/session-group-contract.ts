import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import type { Card, SessionMessage, Store } from "@linchpin/store";
import { addCard, addCardWithPin, event, eventsOf, readCard, written } from "../fresh-records.ts";
import { many, type OpenDatabase, runTogether, useCountedStore } from "../groups/counted-store.ts";
import { bindEffect, changeTo, codeOf, messageTo, thumbprintOf, verifyAs } from "./session-messages.ts";

/** What every store must do with messages to sessions that share a statement. `open` is called once, for a migrated database. */
export function sessionGroupContract(name: string, open: OpenDatabase): void {
  describe(`messages to sessions that share a statement: ${name}`, () => {
    let store: Store;
    let statements: () => number;
    useCountedStore(open, (counted) => {
      ({ store, statements } = counted);
    });

    /** The outcomes of messages that arrive in one turn, and how many statements they took. `again`: another was first. */
    const together = async (messages: readonly SessionMessage[]) => {
      const spend = (message: SessionMessage) => async () => {
        const { isFirst, outcome, remaining } = await store.spendSession(message);
        if (!isFirst) return "again";
        return remaining === null ? outcome : `${outcome} ${remaining}`;
      };
      const { results, statements: taken } = await runTogether(statements, messages.map(spend));
      return { outcomes: results, statements: taken };
    };
    const bindKey = async (card: Card): Promise<string> => {
      const thumbprint = thumbprintOf();
      await store.spendSession(messageTo(card, { code: codeOf("none", true), effect: bindEffect(thumbprint) }));
      return thumbprint;
    };

    for (const count of [1, 2, 100])
      test(`${count} changes in one turn are one statement, each with its PIN, spent session and event`, async () => {
        const cards = await many(count, () => addCardWithPin(store));
        const devices = await many(count, (index) => bindKey(cards[index] as Card));
        const messages = cards.map((card, index) =>
          messageTo(card, { device: devices[index] ?? null, version: 1, effect: changeTo(`PIN of ${index}`) }),
        );
        assert.deepEqual(await together(messages), { outcomes: cards.map(() => "changed"), statements: 1 });
        for (const [index, { id }] of cards.entries()) {
          const { pin } = await readCard(store, id);
          assert.deepEqual([pin.version, pin.sealed], [2, changeTo(`PIN of ${index}`).sealed]);
          assert.equal((await store.listPinHistory(id, 5)).length, 1);
          assert.deepEqual(await eventsOf(store, id), ["card", "changed", "bound", "changed"]);
        }
        const found = await many(count, async (index) => {
          const spent = await store.findSpentSession(messages[index]?.sessionHash ?? assert.fail());
          return [spent?.outcome, Buffer.from(spent?.messageHash ?? [])];
        });
        assert.deepEqual(
          found,
          messages.map(({ messageHash }) => ["changed", Buffer.from(messageHash)]),
        );
      });

    test("messages with different outcomes share a statement: each has its own", async () => {
      const cards = await many(12, () => addCardWithPin(store));
      const [changed, spent, stale, blocked, terminated, unopened, refused, right, wrong, last, bound, guessed] =
        cards as Twelve<Card>;
      const first = messageTo(spent);
      await store.spendSession(first);
      await store.setCardState(blocked.id, "blocked", written("blocked", blocked.id));
      await store.setCardState(terminated.id, "terminated", written("terminated", terminated.id));
      for (const _ of [1, 2]) await store.spendSession(messageTo(last, { version: 1, effect: verifyAs(false) }));
      const change = { version: 1, effect: changeTo("8264") };
      const thumbprint = thumbprintOf();
      assert.deepEqual(
        await together([
          messageTo(changed, change),
          { ...messageTo(spent, change), sessionHash: first.sessionHash },
          messageTo(stale, { ...change, version: 2 }),
          messageTo(blocked, change),
          messageTo(terminated, change),
          messageTo(unopened, { ...change, failedToOpen: true }),
          messageTo(refused, { ...change, refusal: "pin_refused" }),
          messageTo(right, { version: 1, effect: verifyAs(true) }),
          messageTo(wrong, { version: 1, effect: verifyAs(false) }),
          messageTo(last, { version: 1, effect: verifyAs(false) }),
          messageTo(bound, { code: codeOf("none", true), effect: bindEffect(thumbprint) }),
          messageTo(guessed, { code: codeOf("none", false), effect: bindEffect() }),
        ]),
        {
          outcomes: [
            "changed",
            "again",
            "session_stale",
            "card_blocked",
            "card_terminated",
            "decryption_failed",
            "pin_refused",
            "match",
            "mismatch 2",
            "mismatch 0",
            "bound",
            "code_incorrect",
          ],
          statements: 1,
        },
      );
      const after = await many(cards.length, (index) => readCard(store, cards[index]?.id ?? ""));
      assert.deepEqual(
        after.map(({ pin }) => pin.version),
        [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      );
      assert.equal(after[8]?.pin.failedTries, 1);
      assert.equal(after[9]?.pin.status, "blocked");
      assert.deepEqual((await eventsOf(store, last.id)).slice(2), ["mismatch", "mismatch", "blocking"]);
      assert.deepEqual((await eventsOf(store, spent.id)).slice(2), ["revealed"]);
      assert.equal((await store.findBoundKey(thumbprint))?.personId, bound.person.id);
      assert.equal((await store.findSessionHolder(bound.person.id, messageTo(bound).at))?.boundKeys, 1);
      assert.equal((await store.findSessionHolder(guessed.person.id, messageTo(bound).at))?.wrongCodes, 1);
    });

    test("a refusal that has no event of its own is written by the one for all, with its code", async () => {
      const [stale, blocked, unopened, refused] = (await many(4, () => addCardWithPin(store))) as [
        Card,
        Card,
        Card,
        Card,
      ];
      await store.setCardState(blocked.id, "blocked", written("blocked", blocked.id));
      const content = JSON.stringify({ outcome: "refused", code: "refused", device: '"code":"refused"' });
      const message = (card: Card, of: Partial<SessionMessage>): SessionMessage => {
        const { audit, outbox } = written("refused", card.id);
        const auditAndOutbox = {
          refused: { audit: { ...audit, content }, outbox },
          pin_refused: written("own", card.id),
        };
        return messageTo(card, { version: 1, effect: changeTo("8264"), auditAndOutbox, ...of });
      };
      const messages = [
        message(stale, { version: 2 }),
        message(blocked, {}),
        message(unopened, { failedToOpen: true }),
        message(refused, { refusal: "pin_refused" }),
      ];
      const outcomes = ["session_stale", "card_blocked", "decryption_failed", "pin_refused"];
      assert.deepEqual(await together(messages), { outcomes, statements: 1 });
      for (const [index, { cardId }] of messages.slice(0, 3).entries()) {
        const last = (await store.listCardAuditEvents(cardId, { skip: 0, limit: 100 })).at(-1);
        assert.equal(
          last?.content,
          content.replace('"refused","code":"refused"', `"refused","code":"${outcomes[index]}"`),
        );
      }
      assert.deepEqual((await eventsOf(store, refused.id)).slice(2), ["own"]);
    });

    test("what is not found is looked for alone, where nobody else's lock hides it; its neighbours never know", async () => {
      const [changed, unknownKey, otherVersion, none] = (await many(4, () => addCardWithPin(store))) as [
        Card,
        Card,
        Card,
        Card,
      ];
      const change = { version: 1, effect: changeTo("8264") };
      assert.deepEqual(
        await together([
          messageTo(changed, change),
          messageTo(unknownKey, { ...change, device: thumbprintOf() }),
          messageTo(otherVersion, { effect: { type: "revealPin", version: 7 } }),
          messageTo(none, { ...change, cardId: "none" }),
        ]),
        { outcomes: ["changed", "device_unknown", "conflict", "card_unknown"], statements: 4 },
      );
    });

    test("two messages with one session, card, key, or partner of a code are never in one statement", async () => {
      const [card, other] = (await many(2, () => addCardWithPin(store))) as [Card, Card];
      const changeOf = (version: number) => messageTo(card, { version, effect: changeTo("8264") });
      const first = changeOf(1);
      assert.deepEqual(await together([first, { ...first, messageHash: randomBytes(32) }, changeOf(2), changeOf(2)]), {
        outcomes: ["changed", "again", "changed", "session_stale"],
        statements: 4,
      });
      const shared = messageTo(other);
      const ofOther = { ...messageTo(card), sessionHash: shared.sessionHash };
      assert.deepEqual(await together([shared, ofOther]), { outcomes: ["revealed", "again"], statements: 2 });
      const device = await bindKey(card);
      assert.deepEqual(await together([messageTo(card, { device }), messageTo(other, { device })]), {
        outcomes: ["revealed", "device_unknown"],
        statements: 2,
      });
      const effect = bindEffect();
      const binds = [card, other].map((one) => messageTo(one, { code: codeOf("none", true), effect }));
      assert.deepEqual(await together(binds), { outcomes: ["bound", "device_unknown"], statements: 2 });
      const { partnerId } = card;
      const guesses = await many(7, async (index) =>
        messageTo(await addCard(store), { partnerId, code: codeOf(`${index}`, false), effect: bindEffect() }),
      );
      assert.deepEqual(await together(guesses), {
        outcomes: [...Array(5).fill("code_incorrect"), "code_locked", "code_locked"],
        statements: 7,
      });
    });

    test("a message that the database refuses fails alone; the others of its group are each done once", async () => {
      const cards = await many(10, () => addCard(store));
      const taken = event("taken");
      await store.addOutboxEntry(taken);
      const messages = cards.map((card, index) => {
        const message = messageTo(card, { version: 0, effect: changeTo("8264") });
        const changed = written("changed", card.id, [taken]);
        if (index === 3) return { ...message, auditAndOutbox: { ...message.auditAndOutbox, changed } };
        return index === 7 ? { ...message, refusal: "pin\0" } : message;
      });
      const { outcomes } = await together(messages);
      const expected = cards.map((_, index) => ({ 3: "conflict", 7: "request_invalid" })[index] ?? "changed");
      assert.deepEqual(outcomes, expected);
      for (const [index, { id }] of cards.entries()) {
        const isChanged = expected[index] === "changed";
        assert.deepEqual(await eventsOf(store, id), isChanged ? ["card", "changed"] : ["card"]);
        const spent = await store.findSpentSession(messages[index]?.sessionHash ?? assert.fail());
        assert.equal(spent?.outcome, isChanged ? "changed" : undefined);
      }
    });
  });
}

type Twelve<One> = [One, One, One, One, One, One, One, One, One, One, One, One];
