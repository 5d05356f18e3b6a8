import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IdempotentAnswer, Store } from "@linchpin/store";
import { addCard, addPartner, changeOf, earlier, freshId, hashOf, later, now, written } from "../fresh-records.ts";

const minuteMs = 60_000;
/** Every reservation is older. */
const givenUpMs = -minuteMs;
const details = { protocol: "stripe", details: { status: "inactive" } };

/** What every store must do with requests that have an idempotency key. */
export function idempotentRequestContract(storeOf: () => Store): void {
  describe("idempotent requests", () => {
    const requestOf = async (store: Store) => {
      const partnerId = await addPartner(store);
      const clientId = freshId("client");
      const secretHash = hashOf(clientId);
      const credential = { kind: "stripe", clientId, partnerId, secretHash, roles: [], createdAt: now };
      await store.addCredential(credential, written("credential"));
      const request = { clientId, key: freshId("key"), owner: freshId("owner"), requestHash: hashOf("one"), at: now };
      return { ...request, abandonedAfterMs: minuteMs, forgottenBefore: earlier };
    };
    /** The same request, reserved by another server that takes the first for given up. */
    const takenOver = (request: Awaited<ReturnType<typeof requestOf>>) => ({
      ...request,
      owner: freshId("owner"),
      abandonedAfterMs: givenUpMs,
    });

    test("one is reserved, and the same one again waits until it is answered", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "reserved" });
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "under_way" });
      await store.answerIdempotentRequest({ ...request, status: 400, body: '{"error":{}}' });
      const answered = { result: "answered", status: 400, body: '{"error":{}}' };
      assert.deepEqual(await store.reserveIdempotentRequest(request), answered);
    });

    test("of twenty at once, one is reserved", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      const all = await Promise.all(Array.from({ length: 20 }, () => store.reserveIdempotentRequest(request)));
      assert.equal(all.filter(({ result }) => result === "reserved").length, 1);
      assert.equal(all.filter(({ result }) => result === "under_way").length, 19);
    });

    test("another request with the key is refused, answered or not; another client's key is its own", async () => {
      const store = storeOf();
      const [request, stranger] = [await requestOf(store), await requestOf(store)];
      await store.reserveIdempotentRequest(request);
      const other = { ...takenOver(request), requestHash: hashOf("other") };
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "other_request" });
      await store.answerIdempotentRequest({ ...request, status: 200, body: "{}" });
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "other_request" });
      assert.deepEqual(await store.reserveIdempotentRequest({ ...stranger, key: request.key }), { result: "reserved" });
    });

    test("one that was given up is reserved again by the same request, and one that was forgotten by any", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      const second = takenOver(request);
      assert.deepEqual(await store.reserveIdempotentRequest(second), { result: "reserved" });
      await store.answerIdempotentRequest({ ...second, status: 200, body: "{}" });
      const again = await store.reserveIdempotentRequest(takenOver(request));
      assert.equal(again.result, "answered");
      const other = { ...request, requestHash: hashOf("other"), forgottenBefore: later };
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "reserved" });
    });

    test("an answer is kept once, and a released request may be sent again", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      await store.releaseIdempotentRequest(request);
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "reserved" });
      await store.answerIdempotentRequest({ ...request, status: 200, body: "first" });
      await store.answerIdempotentRequest({ ...request, status: 400, body: "second" });
      await store.releaseIdempotentRequest(request);
      const kept = { result: "answered", status: 200, body: "first" };
      assert.deepEqual(await store.reserveIdempotentRequest(request), kept);
    });

    test("a change keeps its answer in its own transaction, and one that is refused keeps none", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      const { id } = await addCard(store);
      const answer = { ...request, status: 200, body: '{"id":1}' };
      const refused = { ...written("refused", id), answer, cardDetails: { cardId: "none", ...details } };
      assert.equal(await store.setCardDetails(refused), "unknown");
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "under_way" });
      await store.setCardDetails({ ...written("changed", id), answer, cardDetails: { cardId: id, ...details } });
      const kept = { result: "answered", status: 200, body: '{"id":1}' };
      assert.deepEqual(await store.reserveIdempotentRequest(request), kept);
    });

    test("which one was given up is said by the database's clock, not by the servers'", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      for (const at of [earlier, later]) {
        const other = { ...request, key: freshId("key") };
        await store.reserveIdempotentRequest({ ...other, at: now });
        const again = await store.reserveIdempotentRequest({ ...other, owner: freshId("owner"), at });
        assert.deepEqual(again, { result: "under_way" });
      }
    });

    test("who lost a reservation changes nothing, answers nothing and releases nothing", async () => {
      const store = storeOf();
      const lost = await requestOf(store);
      await store.reserveIdempotentRequest(lost);
      const owned = takenOver(lost);
      await store.reserveIdempotentRequest(owned);
      await store.answerIdempotentRequest({ ...lost, status: 400, body: "lost" });
      await store.releaseIdempotentRequest(lost);
      assert.deepEqual(await store.reserveIdempotentRequest(lost), { result: "under_way" });
      const { id } = await addCard(store);
      const set = (cardDetails: object, answer: IdempotentAnswer) =>
        store.setCardDetails({
          ...written("changed", id),
          answer,
          cardDetails: { cardId: id, ...details, ...cardDetails },
        });
      const late = set({ details: { status: "active" } }, { ...lost, status: 200, body: "lost" });
      await assert.rejects(late, { code: "conflict" });
      assert.deepEqual(await store.findCardDetails(id, "stripe"), {});
      assert.equal(await set({}, { ...owned, status: 200, body: "owned" }), "set");
      await assert.rejects(set({}, { ...lost, status: 200, body: "lost" }), { code: "conflict" });
      const kept = { result: "answered", status: 200, body: "owned" };
      assert.deepEqual(await store.reserveIdempotentRequest(lost), kept);
    });

    test("a change that lost its reservation fails alone, whatever shares its statement", async () => {
      const store = storeOf();
      const lost = await requestOf(store);
      await store.reserveIdempotentRequest(lost);
      await store.reserveIdempotentRequest(takenOver(lost));
      const [mine, ...others] = await Promise.all(Array.from({ length: 4 }, () => addCard(store)));
      const answer = { ...lost, status: 200, body: "{}" };
      const changes = await Promise.allSettled([
        ...others.map(({ id }) => store.changePin(changeOf(id, 0))),
        store.changePin(
          changeOf((mine ?? assert.fail()).id, 0, { auditAndOutbox: { ...written("changed", mine?.id), answer } }),
        ),
      ]);
      const results = changes.map((change) => (change.status === "fulfilled" ? change.value : change.reason.code));
      assert.deepEqual(results, ["changed", "changed", "changed", "conflict"]);
    });

    test("a change that outlived the release of its reservation keeps its answer", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      await store.releaseIdempotentRequest(request);
      const { id } = await addCard(store);
      const answer = { ...request, status: 200, body: "{}" };
      await store.setCardDetails({ ...written("changed", id), answer, cardDetails: { cardId: id, ...details } });
      assert.equal((await store.reserveIdempotentRequest(request)).result, "answered");
      assert.deepEqual(await store.reserveIdempotentRequest({ ...request, requestHash: hashOf("other") }), {
        result: "other_request",
      });
    });

    test("those that began before a time are forgotten", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      await store.deleteIdempotentRequests(now);
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "under_way" });
      assert.ok((await store.deleteIdempotentRequests(later)) >= 1);
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "reserved" });
    });
  });
}
