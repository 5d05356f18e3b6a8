import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { addCard, earlier, event, eventsOf, freshId, later, now, written } from "../fresh-records.ts";

/** What every store must do with audit events. */
export function auditContract(storeOf: () => Store): void {
  describe("audit events", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("events of a card come oldest first, in pages", async () => {
      const { id } = await addCard(store);
      const append = (what: string, occurredAt: Date) =>
        store.appendAuditEvent({ ...written(what, id).audit, occurredAt });
      await append("last", later);
      await append("first", earlier);
      assert.deepEqual(await eventsOf(store, id), ["first", "card", "last"]);
      const [page, ...none] = await store.listCardAuditEvents(id, { skip: 1, limit: 1 });
      assert.equal(page?.content, '{"what":"card"}');
      assert.deepEqual([page.cardId, page.occurredAt, none], [id, now, []]);
      assert.deepEqual(await store.listCardAuditEvents(id, { skip: 3, limit: 10 }), []);
      assert.deepEqual(await eventsOf(store, "none"), []);
    });

    test("a shard's events are numbered from one to its head", async () => {
      const subject = freshId("subject");
      for (const n of [1, 2, 3]) await store.appendAuditEvent(written(`${n}`, subject).audit);
      const shard = (await store.listCardAuditEvents(subject, { skip: 0, limit: 1 }))[0]?.shard ?? -1;
      const head = (await store.listAuditShards())[shard];
      const events = await store.listShardAuditEvents(shard, { afterSequence: 0n, limit: 10_000 });
      assert.deepEqual(
        events.map(({ sequence }) => sequence),
        events.map((_, index) => BigInt(index + 1)),
      );
      assert.deepEqual([events.at(-1)?.sequence, events.at(-1)?.hash], [head?.sequence, head?.hash]);
      const rest = await store.listShardAuditEvents(shard, { afterSequence: 1n, limit: 1 });
      assert.deepEqual(rest, events.slice(1, 2));
    });

    test("what must be delivered because of an event is committed with it, or neither is", async () => {
      const { id } = await addCard(store);
      const entries = [event(id, '"one"'), event(id, '"two"')];
      await store.appendAuditEvent(written("revealed", id).audit, entries);
      const delivered = async () => (await store.listEvents(100)).filter(({ orderingKey }) => orderingKey === id);
      assert.deepEqual(await delivered(), entries);
      await assert.rejects(store.appendAuditEvent(written("again", id).audit, entries), { code: "conflict" });
      assert.deepEqual(await eventsOf(store, id), ["card", "revealed"]);
      assert.deepEqual(await delivered(), entries);
    });

    test("there are sixteen shards", async () => {
      assert.deepEqual(
        (await store.listAuditShards()).map(({ shard }) => shard),
        Array.from({ length: 16 }, (_, shard) => shard),
      );
    });
  });
}
