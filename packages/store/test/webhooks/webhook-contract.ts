import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Store, Webhook } from "@linchpin/store";
import { addPartner, eventsOf, freshId, later, now, sealedText, written } from "../fresh-records.ts";

/** What every store must do with webhooks. */
export function webhookContract(storeOf: () => Store): void {
  describe("webhooks", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    const add = (webhook: Webhook, max = 10, what = written("made")) => store.addWebhook(webhook, max, what);

    test("a webhook is found as it was added, and listed by protocol and partner, oldest first", async () => {
      const partnerId = await addPartner(store);
      const newest = webhookOf(partnerId, { createdAt: later });
      const oldest = webhookOf(partnerId);
      const elsewhere = webhookOf(partnerId, { protocol: "another" });
      const subject = freshId("subject");
      assert.equal(await add(newest, 10, written("made", subject)), "added");
      for (const webhook of [oldest, elsewhere, webhookOf(await addPartner(store))])
        assert.equal(await add(webhook), "added");
      assert.deepEqual(await store.findWebhook(newest.id), newest);
      assert.deepEqual(await store.listWebhooks("solaris", partnerId), [oldest, newest]);
      assert.deepEqual(await store.listWebhooks("another", partnerId), [elsewhere]);
      assert.deepEqual(await store.listWebhooks("solaris", "nobody"), []);
      assert.equal(await store.findWebhook("none"), null);
      assert.deepEqual(await eventsOf(store, subject), ["made"]);
    });

    test("a partner has only so many, however many are added at once; an unknown one has none", async () => {
      const partnerId = await addPartner(store);
      const results = await Promise.all(Array.from({ length: 6 }, () => add(webhookOf(partnerId), 2)));
      assert.deepEqual(results.sort(), ["added", "added", ...Array(4).fill("too_many")]);
      assert.equal((await store.listWebhooks("solaris", partnerId)).length, 2);
      const subject = freshId("subject");
      assert.equal(await add(webhookOf(partnerId), 2, written("refused", subject)), "too_many");
      assert.equal(await add(webhookOf("nobody"), 2, written("refused", subject)), "partner_unknown");
      assert.deepEqual(await eventsOf(store, subject), []);
    });

    test("one is deleted once, with one audit event", async () => {
      const partnerId = await addPartner(store);
      const [gone, kept] = [webhookOf(partnerId), webhookOf(partnerId)];
      for (const webhook of [gone, kept]) await add(webhook);
      const subject = freshId("subject");
      const remove = () => store.deleteWebhook(gone.id, written("deleted", subject));
      assert.deepEqual([await remove(), await remove()], ["deleted", "unknown"]);
      assert.deepEqual(await eventsOf(store, subject), ["deleted"]);
      assert.equal(await store.findWebhook(gone.id), null);
      assert.deepEqual(await store.listWebhooks("solaris", partnerId), [kept]);
    });
  });
}

export function webhookOf(partnerId: string, webhook: Partial<Webhook> = {}): Webhook {
  return {
    id: freshId("webhook"),
    protocol: "solaris",
    partnerId,
    eventType: "CARD_LIFECYCLE_EVENT",
    url: "https://hooks.partner.example/cards",
    sealedSecret: sealedText("secret"),
    createdAt: now,
    ...webhook,
  };
}
