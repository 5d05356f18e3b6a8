import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { earlier, event, freshId, later, message, notification, now, written } from "../fresh-records.ts";

/** What every store must do with the outbox. */
export function outboxContract(storeOf: () => Store): void {
  describe("outbox", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("entries of one ordering key are claimed one after the other, those of others beside them", async () => {
      await clearOutbox(store);
      const [a1, a2, b1] = [event("a", '"a1"'), event("a", '"a2"'), event("b", '"b1"')];
      for (const entry of [a1, a2, b1]) await store.addOutboxEntry(entry);
      assert.deepEqual(
        await claim(store),
        [a1, b1].map((entry) => ({ ...entry, attempts: 0 })),
      );
      assert.deepEqual(await claim(store), []);
      await store.markDelivered(a1.id, now);
      assert.deepEqual(
        (await claim(store)).map(({ id }) => id),
        [a2.id],
      );
    });

    test("a claim expires, and an entry that is given up no longer holds back its ordering key", async () => {
      await clearOutbox(store);
      const [first, second] = [event("a"), event("a")];
      await store.addOutboxEntry(first);
      await store.addOutboxEntry(second);
      await claim(store);
      assert.deepEqual(
        (await claim(store, later)).map(({ id, attempts }) => [id, attempts]),
        [[first.id, 1]],
      );
      await store.markFailed(first.id, { at: now, nextAttemptAt: later, reason: "503" });
      assert.deepEqual(await claim(store), []);
      assert.deepEqual(
        (await claim(store, later)).map(({ id, attempts }) => [id, attempts]),
        [[first.id, 2]],
      );
      await store.markFailed(first.id, { at: now, nextAttemptAt: null, reason: "410" });
      assert.deepEqual(
        (await claim(store)).map(({ id }) => id),
        [second.id],
      );
    });

    test("no more are claimed than asked for, and none before it is due", async () => {
      await clearOutbox(store);
      for (const key of ["a", "b", "c"]) await store.addOutboxEntry(event(key));
      assert.deepEqual(await claim(store, earlier), []);
      const claimed = await store.claimOutboxEntries({ at: now, claimedUntil: later, limit: 2 });
      assert.equal(claimed.length, 2);
    });

    test("entries of some topics are claimed alone; those of others wait", async () => {
      await clearOutbox(store);
      const [one, two, three] = [event("a"), notification("webhook"), message(freshId("+1555"), "text")];
      for (const entry of [one, two, three]) await store.addOutboxEntry(entry);
      const ofWebhooks = await store.claimOutboxEntries({
        at: now,
        claimedUntil: later,
        limit: 10,
        topics: ["webhook"],
      });
      assert.deepEqual(ofWebhooks, [{ ...two, attempts: 0 }]);
      const others = await store.claimOutboxEntries({
        at: now,
        claimedUntil: later,
        limit: 10,
        topics: ["message", "event"],
      });
      assert.deepEqual(
        others.map(({ id }) => id),
        [one.id, three.id],
      );
    });

    test("notifications of webhooks are left out of the measure, and go when they are old and given up", async () => {
      await clearOutbox(store);
      const entry = notification("webhook");
      await store.addOutboxEntry(entry);
      const { dead } = await store.measureOutbox();
      assert.deepEqual(await store.measureOutbox(), { waiting: 0, oldestCreatedAt: null, dead });
      await store.deleteDeadMessages(now);
      await store.markFailed(entry.id, { at: earlier, nextAttemptAt: null, reason: "answered 422" });
      assert.equal((await store.measureOutbox()).dead, dead);
      assert.equal(await store.deleteDeadMessages(now), 1);
    });

    test("what was delivered or is dead stays so", async () => {
      await clearOutbox(store);
      const [delivered, dead] = [event("a"), event("b")];
      await store.addOutboxEntry(delivered);
      await store.addOutboxEntry(dead);
      await store.markDelivered(delivered.id, now);
      await store.markFailed(delivered.id, { at: now, nextAttemptAt: earlier, reason: "late" });
      await store.markFailed(dead.id, { at: now, nextAttemptAt: null, reason: "410" });
      await store.markDelivered(dead.id, now);
      assert.deepEqual(await claim(store, later), []);
    });

    test("the outbox is measured", async () => {
      await clearOutbox(store);
      const { dead } = await store.measureOutbox();
      assert.deepEqual(await store.measureOutbox(), { waiting: 0, oldestCreatedAt: null, dead });
      const [oldest, newest] = [{ ...event("a"), createdAt: earlier }, event("b")];
      await store.addOutboxEntry(newest);
      await store.addOutboxEntry(oldest);
      assert.deepEqual(await store.measureOutbox(), { waiting: 2, oldestCreatedAt: earlier, dead });
      await store.markFailed(oldest.id, { at: now, nextAttemptAt: null, reason: "410" });
      assert.deepEqual(await store.measureOutbox(), { waiting: 1, oldestCreatedAt: now, dead: dead + 1 });
    });

    test("messages are listed by recipient in the order they were added, the newest where there are too many", async () => {
      const recipient = freshId("+1555");
      const messages = ["one", "two", "three"].map((text) => message(recipient, text));
      const elsewhere = message(freshId("+1555"), "other");
      await store.appendAuditEvent(written("nothing").audit);
      for (const entry of [...messages, elsewhere, event(recipient)]) await store.addOutboxEntry(entry);
      await store.markDelivered(messages[0]?.id ?? "", now);
      assert.deepEqual(await store.listMessages(recipient, 10), messages);
      assert.deepEqual(await store.listMessages(recipient, 2), messages.slice(1));
      assert.deepEqual(await store.listMessages(null, 1), [elsewhere]);
      assert.deepEqual(await store.listMessages("nobody", 10), []);
    });

    test("entries of one change leave in their order", async () => {
      await clearOutbox(store);
      const entries = ["1", "2", "3", "4", "5"].map((n) => event("a", n));
      const partner = { id: freshId("partner"), name: "", mayRegisterMobileNumbers: false, createdAt: now };
      await store.addPartner(partner, written("partner", null, entries));
      for (const { id } of entries) {
        assert.deepEqual(
          (await claim(store)).map((entry) => entry.id),
          [id],
        );
        await store.markDelivered(id, now);
      }
    });

    test("delivered ones are deleted when they are old, others stay", async () => {
      await clearOutbox(store);
      const recipient = freshId("+1555");
      const [old, recent, waiting] = ["old", "recent", "waiting"].map((text) => message(recipient, text)) as [
        Entry,
        Entry,
        Entry,
      ];
      for (const entry of [old, recent, waiting]) await store.addOutboxEntry(entry);
      await store.markDelivered(old.id, earlier);
      await store.markDelivered(recent.id, later);
      await store.deleteDelivered(now);
      assert.deepEqual(await store.listMessages(recipient, 10), [recent, waiting]);
    });

    test("dead messages are deleted when they are old, dead events and others stay", async () => {
      await clearOutbox(store);
      await store.deleteDeadMessages(later);
      const recipient = freshId("+1555");
      const [old, recent, waiting] = ["old", "recent", "waiting"].map((text) => message(recipient, text)) as [
        Entry,
        Entry,
        Entry,
      ];
      const { dead } = await store.measureOutbox();
      const oldEvent = event(recipient);
      for (const entry of [old, recent, waiting, oldEvent]) await store.addOutboxEntry(entry);
      const giveUp = ({ id }: Entry, at: Date) =>
        store.markFailed(id, { at, nextAttemptAt: null, reason: "answered 410" });
      for (const entry of [old, oldEvent]) await giveUp(entry, earlier);
      await giveUp(recent, now);
      assert.equal(await store.deleteDeadMessages(now), 1);
      assert.deepEqual(await store.listMessages(recipient, 10), [recent, waiting]);
      assert.equal((await store.measureOutbox()).dead, dead + 2);
    });
  });
}

type Entry = Parameters<Store["addOutboxEntry"]>[0];

function claim(store: Store, at = now) {
  return store.claimOutboxEntries({ at, claimedUntil: new Date(at.getTime() + 60_000), limit: 1000 });
}

async function clearOutbox(store: Store): Promise<void> {
  const end = new Date("2100-01-01");
  for (let entries = await claim(store, end); entries.length > 0; entries = await claim(store, end)) {
    for (const { id } of entries) await store.markDelivered(id, now);
  }
}
