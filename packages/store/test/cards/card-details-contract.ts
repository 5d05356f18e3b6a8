import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { addCard, changeOf, eventsOf, freshMark, written } from "../fresh-records.ts";

/** What every store must do with what protocols keep of cards. */
export function cardDetailsContract(storeOf: () => Store): void {
  describe("card details", () => {
    const kept = (cardId: string, details: Record<string, string | null>, protocol = "stripe") => ({
      ...written("details", cardId),
      cardDetails: { cardId, protocol, details },
    });

    test("are kept by name: those that are named change, null deletes, others stay", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      assert.deepEqual(await store.findCardDetails(id, "stripe"), {});
      assert.equal(await store.setCardDetails(kept(id, { a: "1", b: "2", none: null })), "set");
      assert.equal(await store.setCardDetails(kept(id, { b: null, c: "3" })), "set");
      assert.deepEqual(await store.findCardDetails(id, "stripe"), { a: "1", c: "3" });
      assert.deepEqual(await eventsOf(store, id), ["card", "details", "details"]);
    });

    test("of one protocol and card are not another's", async () => {
      const store = storeOf();
      const [{ id }, other] = [await addCard(store), await addCard(store)];
      await store.setCardDetails(kept(id, { a: "1" }));
      assert.deepEqual(await store.findCardDetails(id, "lithic"), {});
      assert.deepEqual(await store.findCardDetails(other.id, "stripe"), {});
    });

    test("of an unknown, blocked or terminated card are refused, and leave no trace", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      assert.equal(await store.setCardDetails(kept("none", { a: "1" })), "unknown");
      for (const state of ["blocked", "terminated"] as const) {
        await store.setCardState(id, state, written(state, id));
        assert.equal(await store.setCardDetails(kept(id, { a: "1" })), "not_active");
      }
      assert.deepEqual(await store.findCardDetails(id, "stripe"), {});
      assert.deepEqual(await eventsOf(store, id), ["card", "blocked", "terminated"]);
    });

    test("change with a PIN in one transaction, and not without it", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      const mark = freshMark();
      assert.equal(await store.changePin(changeOf(id, 0, { mark, auditAndOutbox: kept(id, { a: "1" }) })), "changed");
      assert.deepEqual(await store.findCardDetails(id, "stripe"), { a: "1" });
      const replayed = changeOf(id, 1, { mark, auditAndOutbox: kept(id, { a: "2" }) });
      assert.equal(await store.changePin(replayed), "replayed");
      assert.deepEqual(await store.findCardDetails(id, "stripe"), { a: "1" });
    });

    test("of many cards that change at once are each card's own", async () => {
      const store = storeOf();
      const cards = await Promise.all(Array.from({ length: 8 }, () => addCard(store)));
      await Promise.all(
        cards.map(({ id }) => store.changePin(changeOf(id, 0, { auditAndOutbox: kept(id, { own: id }) }))),
      );
      for (const { id } of cards) assert.deepEqual(await store.findCardDetails(id, "stripe"), { own: id });
    });
  });
}
