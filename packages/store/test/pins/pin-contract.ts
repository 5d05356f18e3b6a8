import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Card, Store } from "@linchpin/store";
import {
  addAuthorizedRequest,
  addCard,
  addCardWithPin,
  blockPin,
  changeOf,
  changeRequestOf,
  earlier,
  eventsOf,
  freshMark,
  later,
  now,
  readCard,
  sealedText,
  verificationOf,
  written,
} from "../fresh-records.ts";

/** What every store must do with PINs. */
export function pinContract(storeOf: () => Store): void {
  describe("changing a PIN", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("the first PIN activates; its mark, event and message are there", async () => {
      const { id } = await addCard(store);
      const change = changeOf(id, 0);
      assert.equal(await store.changePin(change), "changed");
      const { pin } = await readCard(store, id);
      assert.deepEqual(pin, { status: "active", version: 1, sealed: change.sealed, failedTries: 0, chipVersion: 0 });
      assert.equal(await store.isReplayed(markOf(change)), true);
      assert.deepEqual(await eventsOf(store, id), ["card", "changed"]);
      assert.deepEqual((await claimOf(store, id))?.payload, '{"type":"pin.changed"}');
    });

    test("without a mark, and with a chip that follows", async () => {
      const { id } = await addCard(store);
      assert.equal(await store.changePin(changeOf(id, 0, { mark: null, offlinePin: false })), "changed");
      assert.equal((await readCard(store, id)).pin.chipVersion, 1);
      assert.equal(await store.changePin(changeOf(id, 1)), "changed");
      assert.equal((await readCard(store, id)).pin.chipVersion, 1);
      assert.equal(await store.setChipSynced(id, 2, written("synced", id)), "set");
      assert.equal((await readCard(store, id)).pin.chipVersion, 2);
      assert.equal(await store.setChipSynced("none", 0, written("synced", id)), "unknown");
    });

    test("a chip that reports a version is taken to hold no newer one, nor an older one again", async () => {
      const { id } = await addCardWithPin(store);
      await store.changePin(changeOf(id, 1));
      assert.equal(await store.setChipSynced(id, 1, written("first", id)), "set");
      assert.equal((await readCard(store, id)).pin.chipVersion, 1);
      assert.equal(await store.setChipSynced(id, 3, written("third", id)), "version_unknown");
      assert.equal(await store.setChipSynced(id, 2, written("second", id)), "set");
      assert.equal(await store.setChipSynced(id, 1, written("late", id)), "set");
      assert.equal((await readCard(store, id)).pin.chipVersion, 2);
      assert.deepEqual((await eventsOf(store, id)).slice(-3), ["first", "second", "late"]);
    });

    test("a conflict changes nothing: another version, a blocked or terminated card, no card", async () => {
      const card = await addCardWithPin(store);
      await assertUnchanged(store, card, changeOf(card.id, 0), "conflict");
      await assertUnchanged(store, card, changeOf(card.id, 2), "conflict");
      await assertUnchanged(store, card, changeOf("none", 1), "conflict");
      await store.setCardState(card.id, "blocked", written("blocked", card.id));
      await assertUnchanged(store, await readCard(store, card.id), changeOf(card.id, 1), "conflict");
      await store.setCardState(card.id, "terminated", written("terminated", card.id));
      await assertUnchanged(store, await readCard(store, card.id), changeOf(card.id, 1), "conflict");
    });

    test("a change with a spent mark changes nothing, on this card or another, whatever operation spent the mark", async () => {
      const card = await addCardWithPin(store);
      const other = await addCard(store);
      const mark = freshMark();
      await store.changePin(changeOf(card.id, 1, { mark }));
      await assertUnchanged(store, await readCard(store, card.id), changeOf(card.id, 2, { mark }), "replayed");
      await assertUnchanged(store, other, changeOf(other.id, 0, { mark }), "replayed");
      const spent = freshMark();
      await store.spend(spent, null);
      await assertUnchanged(store, other, changeOf(other.id, 0, { mark: spent }), "replayed");
    });

    test("a change with two marks spends both, and changes nothing where either was spent before", async () => {
      const card = await addCardWithPin(store);
      const other = await addCard(store);
      const [first, second] = [freshMark(), freshMark()];
      assert.equal(await store.changePin(changeOf(card.id, 1, { mark: [first, second] })), "changed");
      for (const spent of [first, second])
        for (const mark of [spent, [spent, freshMark()], [freshMark(), spent]] as const) {
          assert.equal(await store.changePin(changeOf(card.id, 2, { mark })), "replayed");
          assert.equal(await store.changePin(changeOf(other.id, 0, { mark })), "replayed");
        }
      assert.deepEqual(await eventsOf(store, other.id), ["card"]);
      assert.equal((await readCard(store, card.id)).pin.version, 2);
    });

    test("of many changes at once that share either of two marks one is made", async () => {
      const cards = await Promise.all(Array.from({ length: 6 }, () => addCard(store)));
      const shared = freshMark();
      const changes = cards.map(({ id }, index) => {
        const mark = index % 2 === 0 ? ([shared, freshMark()] as const) : ([freshMark(), shared] as const);
        return store.changePin(changeOf(id, 0, { mark }));
      });
      assert.deepEqual((await Promise.all(changes)).toSorted(), ["changed", ...Array(5).fill("replayed")]);
    });

    test("former PINs are kept as many as asked for", async () => {
      const { id } = await addCard(store);
      for (const version of [0, 1, 2, 3]) await store.changePin(changeOf(id, version, { pinHistoryLength: 2 }));
      const former = await store.listPinHistory(id, 10);
      assert.deepEqual(former, [
        { version: 3, sealed: sealedText("PIN 3") },
        { version: 2, sealed: sealedText("PIN 2") },
      ]);
      assert.deepEqual(await store.listPinHistory(id, 1), former.slice(0, 1));
      await store.changePin(changeOf(id, 4, { pinHistoryLength: 0 }));
      assert.deepEqual(await store.listPinHistory(id, 10), []);
    });

    test("a change unblocks the PIN, unless `unblocks` is false", async () => {
      const card = await addCardWithPin(store);
      await blockPin(store, card);
      await store.changePin(changeOf(card.id, 1, { unblocks: false }));
      const blocked = (await readCard(store, card.id)).pin;
      assert.deepEqual([blocked.status, blocked.version, blocked.failedTries], ["blocked", 2, 1]);
      await store.changePin(changeOf(card.id, 2));
      const unblocked = (await readCard(store, card.id)).pin;
      assert.deepEqual([unblocked.status, unblocked.version, unblocked.failedTries], ["active", 3, 0]);
    });

    test("a change resets the wrong tries", async () => {
      const card = await addCardWithPin(store);
      await store.recordVerification(verificationOf(card.id, 1, false));
      await store.changePin(changeOf(card.id, 1, { unblocks: false }));
      assert.equal((await readCard(store, card.id)).pin.failedTries, 0);
    });

    test("a change completes its change request and deletes what was sealed for it", async () => {
      const card = await addCardWithPin(store);
      const changeRequestId = await addAuthorizedRequest(store, card);
      const change = changeOf(card.id, 1, { changeRequestId, mark: null, at: earlier });
      assert.equal(await store.changePin(change), "changed");
      const request = await store.findChangeRequest(changeRequestId);
      assert.equal(request?.status, "COMPLETED");
      assert.deepEqual([request.sealedPin, request.sealedSecret, request.updatedAt], [null, null, earlier]);
      const again = changeOf(card.id, 2, { changeRequestId });
      await assertUnchanged(store, await readCard(store, card.id), again, "change_request_ended");
    });

    test("a change request that is not to be confirmed changes nothing", async () => {
      const card = await addCardWithPin(store);
      const unauthorized = changeRequestOf(card);
      await store.addChangeRequest(unauthorized, freshMark(), written("requested"));
      const failed = await addAuthorizedRequest(store, card);
      await store.failChangeRequest(failed, now, written("failed"));
      const others = await addAuthorizedRequest(store, await addCardWithPin(store));
      const expired = await addAuthorizedRequest(store, card);
      for (const changeRequestId of [unauthorized.id, failed, others, expired, "none"]) {
        const at = changeRequestId === expired ? later : now;
        const change = changeOf(card.id, 1, { changeRequestId, at });
        await assertUnchanged(store, card, change, "change_request_ended");
      }
      assert.equal((await store.findChangeRequest(expired))?.status, "CONFIRMATION_REQUIRED");
      assert.equal((await store.findChangeRequest(others))?.status, "CONFIRMATION_REQUIRED");
    });

    test("a change that is refused for its version or mark leaves its change request open", async () => {
      const card = await addCardWithPin(store);
      const changeRequestId = await addAuthorizedRequest(store, card);
      const mark = freshMark();
      await store.spend(mark, null);
      await assertUnchanged(store, card, changeOf(card.id, 0, { changeRequestId }), "conflict");
      await assertUnchanged(store, card, changeOf(card.id, 1, { changeRequestId, mark }), "replayed");
      assert.equal((await store.findChangeRequest(changeRequestId))?.status, "CONFIRMATION_REQUIRED");
    });
  });

  describe("verifying a PIN", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("wrong tries count down to a block, and are written down by what came of them", async () => {
      const { id } = await addCardWithPin(store);
      const answers = [];
      for (const matched of [false, false, false, false, true]) {
        answers.push(await store.recordVerification(verificationOf(id, 1, matched)));
      }
      assert.deepEqual(answers, [
        { result: "mismatch", remainingAttempts: 2 },
        { result: "mismatch", remainingAttempts: 1 },
        { result: "mismatch", remainingAttempts: 0 },
        { result: "blocked", remainingAttempts: 0 },
        { result: "blocked", remainingAttempts: 0 },
      ]);
      const expected = ["card", "changed", "mismatch", "mismatch", "blocking", "blocked", "blocked"];
      assert.deepEqual(await eventsOf(store, id), expected);
      const { status, failedTries } = (await readCard(store, id)).pin;
      assert.deepEqual([status, failedTries], ["blocked", 3]);
    });

    test("a match gives all tries back", async () => {
      const { id } = await addCardWithPin(store);
      await store.recordVerification(verificationOf(id, 1, false));
      const match = await store.recordVerification(verificationOf(id, 1, true));
      assert.deepEqual(match, { result: "match", remainingAttempts: 3 });
      assert.equal((await readCard(store, id)).pin.failedTries, 0);
    });

    test("each verification spends its mark, blocked or not; a spent one changes nothing", async () => {
      const card = await addCardWithPin(store);
      const first = verificationOf(card.id, 1, false);
      await store.recordVerification(first);
      for (const matched of [true, false]) {
        const again = verificationOf(card.id, 1, matched, { mark: first.mark });
        assert.deepEqual(await store.recordVerification(again), { result: "replayed" });
      }
      assert.equal((await readCard(store, card.id)).pin.failedTries, 1);
      await blockPin(store, card);
      const blocked = verificationOf(card.id, 1, true);
      await store.recordVerification(blocked);
      assert.deepEqual(await store.recordVerification(blocked), { result: "replayed" });
      assert.deepEqual(await eventsOf(store, card.id), ["card", "changed", "mismatch", "blocking", "blocked"]);
    });

    test("a conflict changes nothing and spends nothing", async () => {
      const card = await addCardWithPin(store);
      const fresh = await addCard(store);
      const blocked = await addCardWithPin(store);
      await store.setCardState(blocked.id, "blocked", written("state", blocked.id));
      for (const [id, version] of [
        [card.id, 2],
        [card.id, 0],
        [fresh.id, 0],
        [blocked.id, 1],
        ["none", 1],
      ] as const) {
        const verification = verificationOf(id, version, false);
        assert.deepEqual(await store.recordVerification(verification), { result: "conflict" });
        assert.equal(await store.isReplayed(verification.mark.mark), false);
      }
      assert.equal((await readCard(store, card.id)).pin.failedTries, 0);
      assert.deepEqual(await eventsOf(store, card.id), ["card", "changed"]);
    });

    test("only a blocked PIN is unblocked", async () => {
      const card = await addCardWithPin(store);
      assert.equal(await store.unblockPin(card.id, written("refused", card.id)), "not_blocked");
      assert.equal(await store.unblockPin("none", written("refused", card.id)), "unknown");
      await blockPin(store, card);
      assert.equal(await store.unblockPin(card.id, written("unblocked", card.id)), "unblocked");
      const { status, failedTries } = (await readCard(store, card.id)).pin;
      assert.deepEqual([status, failedTries], ["active", 0]);
      assert.deepEqual(await eventsOf(store, card.id), ["card", "changed", "blocking", "unblocked"]);
    });

    test("an unblock of which the chip has to be told leaves the chip out of date until it is synced", async () => {
      const card = await addCardWithPin(store);
      await store.setChipSynced(card.id, 1, written("synced", card.id));
      await blockPin(store, card);
      const chip = { isChipPending: true };
      assert.equal(await store.unblockPin(card.id, written("unblocked", card.id), chip), "unblocked");
      const { version, chipVersion } = (await readCard(store, card.id)).pin;
      assert.deepEqual([version, chipVersion], [1, 0]);
      await store.setChipSynced(card.id, 1, written("synced", card.id));
      assert.equal((await readCard(store, card.id)).pin.chipVersion, 1);
    });
  });
}

function markOf({ mark }: ReturnType<typeof changeOf>): Uint8Array {
  return mark !== null && "mark" in mark ? mark.mark : assert.fail("the change has no mark");
}

/** Asserts that the change answers `result`, and that card, marks, events and outbox are as before. */
async function assertUnchanged(store: Store, card: Card, change: ReturnType<typeof changeOf>, result: string) {
  const [events, replayed] = [await eventsOf(store, card.id), await store.isReplayed(markOf(change))];
  const { waiting } = await store.measureOutbox();
  assert.equal(await store.changePin(change), result);
  assert.deepEqual(await store.findCard(card.id), card);
  assert.deepEqual(await eventsOf(store, card.id), events);
  assert.equal(await store.isReplayed(markOf(change)), replayed);
  assert.equal((await store.measureOutbox()).waiting, waiting);
}

function claim(store: Store, at = now) {
  return store.claimOutboxEntries({ at, claimedUntil: new Date(at.getTime() + 60_000), limit: 1000 });
}

async function claimOf(store: Store, orderingKey: string) {
  return (await claim(store)).find((entry) => entry.orderingKey === orderingKey);
}
