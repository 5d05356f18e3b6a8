import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import { addCard, event, eventsOf, freshId, freshMark, now, written } from "../fresh-records.ts";

/** What every store must do with replay marks. */
export function replayMarkContract(storeOf: () => Store): void {
  describe("replay marks", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a mark is spent once", async () => {
      const mark = freshMark();
      assert.equal(await store.isReplayed(mark.mark), false);
      assert.equal(await store.spend(mark, null), "spent");
      assert.equal(await store.isReplayed(mark.mark), true);
      assert.equal(await store.spend(mark, null), "replayed");
      assert.equal(await store.spend({ ...mark, keyId: "another" }, null), "replayed");
    });

    test("the marks of one message are spent together, and all of them although one was spent before", async () => {
      const [first, second, third] = [freshMark(), freshMark(), freshMark()];
      assert.equal(await store.spend([first, second], null), "spent");
      for (const { mark } of [first, second]) assert.equal(await store.isReplayed(mark), true);
      const { id: cardId } = await addCard(store);
      const before = await eventsOf(store, cardId);
      assert.equal(await store.spend([second, third], written("refused", cardId)), "replayed");
      assert.equal(await store.isReplayed(third.mark), true);
      assert.deepEqual(await eventsOf(store, cardId), before);
    });

    test("a refusal that spent a message is found again for the card it was about, and for no other", async () => {
      const [card, other] = [await addCard(store), await addCard(store)];
      const mark = freshMark();
      const refusal = { cardId: card.id, code: "pin_reused" };
      assert.equal(await store.spend([mark], written("refused", card.id), refusal), "spent");
      assert.equal(await store.spend([mark], null, { ...refusal, code: "replayed" }), "replayed");
      for (const [{ names, partnerId }, found] of [
        [card, "pin_reused"],
        [other, null],
      ] as const) {
        const asked = { protocol: "adyen", name: names["adyen"] ?? "", deviceId: null, partnerId, at: now };
        const { isReplayed, refusal } = (await store.findCardForChange({ ...asked, mark: mark.mark })) ?? {};
        assert.deepEqual([isReplayed, refusal], [true, found]);
      }
    });

    test("what goes along with a mark is written when it is spent, and never else", async () => {
      const { id: cardId } = await addCard(store);
      const mark = freshMark();
      const before = await eventsOf(store, cardId);
      assert.equal(await store.spend(mark, written("revealed", cardId)), "spent");
      const revealed = await eventsOf(store, cardId);
      assert.equal(revealed.length, before.length + 1);
      assert.equal(await store.spend(mark, written("revealed again", cardId)), "replayed");
      assert.deepEqual(await eventsOf(store, cardId), revealed);
    });

    test("a mark is not spent when what goes along with it can not be written", async () => {
      const mark = freshMark();
      const entry = event("no card");
      await store.spend(freshMark(), written("first", null, [entry]));
      await assert.rejects(store.spend(mark, written("second", null, [entry])), { code: "conflict" });
      assert.equal(await store.isReplayed(mark.mark), false);
    });

    test("marks go with their keys, and with no others", async () => {
      const keyId = freshId("key");
      const [mine, other] = [{ ...freshMark(), keyId }, freshMark()];
      await store.spend(mine, null);
      await store.spend(other, null);
      assert.equal(await store.deleteReplayMarks([keyId, "none"]), 1);
      assert.equal(await store.deleteReplayMarks([]), 0);
      assert.equal(await store.isReplayed(mine.mark), false);
      assert.equal(await store.isReplayed(other.mark), true);
    });

    test("a mark that is not 32 bytes is refused", async () => {
      await assert.rejects(store.spend({ mark: new Uint8Array(31), keyId: "key-1" }, null), isRefused);
    });
  });
}

const isRefused = (error: unknown) => error instanceof LinchpinError && error.code === "internal";
