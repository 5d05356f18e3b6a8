import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import {
  addAuthorizedRequest,
  addCard,
  addCardWithPin,
  authorize,
  changeAskedOf,
  changeOf,
  changeRequestOf,
  earlier,
  eventsOf,
  freshMark,
  later,
  now,
  sealedText,
  written,
} from "../fresh-records.ts";

/** What every store must do with change requests. */
export function changeRequestContract(storeOf: () => Store): void {
  describe("change requests", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a change request is found as it was added, and its mark is spent", async () => {
      const request = changeRequestOf(await addCard(store));
      const mark = freshMark();
      assert.equal(await store.addChangeRequest(request, mark, written("requested")), "added");
      assert.deepEqual(await store.findChangeRequest(request.id), request);
      assert.equal(await store.isReplayed(mark.mark), true);
      assert.equal(await store.findChangeRequest("none"), null);
    });

    test("a spent mark makes no change request", async () => {
      const card = await addCard(store);
      const request = changeRequestOf(card);
      const mark = freshMark();
      await store.spend(mark, null);
      assert.equal(await store.addChangeRequest(request, mark, written("refused", card.id)), "replayed");
      assert.equal(await store.findChangeRequest(request.id), null);
      assert.deepEqual(await eventsOf(store, card.id), ["card"]);
    });

    test("a change request that can not be written spends no mark", async () => {
      const request = changeRequestOf(await addCard(store), { cardId: "none" });
      const mark = freshMark();
      await assert.rejects(store.addChangeRequest(request, mark, written("requested")), isRefused);
      assert.equal(await store.isReplayed(mark.mark), false);
    });

    test("authorizing again gives a fresh secret and no fresh tries", async () => {
      const id = await addAuthorizedRequest(store, await addCard(store));
      await store.takeConfirmationTry(id, 3, now);
      const sealedSecret = sealedText("another TAN");
      const authorization = {
        deliveryMethod: "static",
        deviceId: null,
        sealedSecret,
        maxOtpsPerHour: null,
        at: now,
      } as const;
      assert.equal(await store.authorizeChangeRequest(id, authorization, written("again")), "authorized");
      const request = await store.findChangeRequest(id);
      assert.deepEqual([request?.status, request?.tries], ["CONFIRMATION_REQUIRED", 1]);
      assert.deepEqual([request?.sealedSecret, request?.deliveryMethod], [sealedSecret, "static"]);
    });

    test("an expired, failed or unknown one is not authorized", async () => {
      const id = await addAuthorizedRequest(store, await addCard(store));
      assert.equal(await authorize(store, id, later), "ended");
      await store.failChangeRequest(id, now, written("failed"));
      assert.equal(await authorize(store, id), "ended");
      assert.equal(await authorize(store, "none"), "ended");
    });

    test("confirmation tries run out, and need an authorization", async () => {
      const card = await addCard(store);
      const unauthorized = changeRequestOf(card);
      await store.addChangeRequest(unauthorized, freshMark(), written("requested"));
      assert.equal(await store.takeConfirmationTry(unauthorized.id, 3, now), "ended");
      const id = await addAuthorizedRequest(store, card);
      assert.equal(await store.takeConfirmationTry(id, 1, later), "ended");
      assert.equal(await store.takeConfirmationTry(id, 1, now), "taken");
      assert.equal(await store.takeConfirmationTry(id, 1, now), "ended");
    });

    test("a confirmation counts an attempt to change the PIN where the program keeps a PIN history", async () => {
      const card = await addCardWithPin(store, { policy: { formerPins: 2 }, changesPerDay: 1 });
      const id = await addAuthorizedRequest(store, card);
      assert.equal(await store.takeConfirmationTry(id, 3, now), "taken");
      assert.equal(await store.takeConfirmationTry(id, 3, now), "exhausted");
      assert.equal((await store.findChangeRequest(id))?.tries, 1);
      assert.equal((await store.findCardForChange(changeAskedOf(card)))?.changeAttempt, "exhausted");
      assert.equal(await store.takeConfirmationTry(id, 1, now), "ended");
    });

    test("a failed one fails once and loses what was sealed for it", async () => {
      const id = await addAuthorizedRequest(store, await addCard(store));
      assert.equal(await store.failChangeRequest(id, later, written("failed")), "failed");
      assert.equal(await store.failChangeRequest(id, later, written("failed")), "ended");
      assert.equal(await store.failChangeRequest("none", later, written("failed")), "ended");
      const request = await store.findChangeRequest(id);
      assert.equal(request?.status, "FAILED");
      assert.deepEqual([request.sealedPin, request.sealedSecret, request.updatedAt], [null, null, later]);
    });

    test("expired ones fail, others wait on", async () => {
      const card = await addCard(store);
      const expired = changeRequestOf(card, { expiresAt: earlier });
      await store.addChangeRequest(expired, freshMark(), written("requested"));
      const waiting = await addAuthorizedRequest(store, card);
      assert.equal(await store.failExpiredChangeRequests(earlier), 1);
      const failed = await store.findChangeRequest(expired.id);
      assert.deepEqual([failed?.status, failed?.sealedPin], ["FAILED", null]);
      assert.equal((await store.findChangeRequest(waiting))?.status, "CONFIRMATION_REQUIRED");
    });

    test("ended ones are deleted when they are old, others stay", async () => {
      await store.deleteEndedChangeRequests(later);
      const card = await addCardWithPin(store);
      const [failed, completed, recent] = [
        await addAuthorizedRequest(store, card),
        await addAuthorizedRequest(store, card),
        await addAuthorizedRequest(store, card),
      ];
      const waiting = changeRequestOf(card, { updatedAt: earlier });
      await store.addChangeRequest(waiting, freshMark(), written("requested"));
      await store.failChangeRequest(failed, earlier, written("failed"));
      await store.changePin(changeOf(card.id, 1, { changeRequestId: completed, mark: null, at: earlier }));
      await store.failChangeRequest(recent, now, written("failed"));
      assert.equal(await store.deleteEndedChangeRequests(now), 2);
      for (const id of [failed, completed]) assert.equal(await store.findChangeRequest(id), null);
      assert.equal((await store.findChangeRequest(recent))?.status, "FAILED");
      assert.deepEqual(await store.findChangeRequest(waiting.id), waiting);
    });
  });
}

const isRefused = (error: unknown) => error instanceof LinchpinError && error.code === "internal";
