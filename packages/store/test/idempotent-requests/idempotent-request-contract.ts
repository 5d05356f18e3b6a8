import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { addCard, addPartner, earlier, freshId, hashOf, later, now, written } from "../fresh-records.ts";

/** What every store must do with requests that have an idempotency key. */
export function idempotentRequestContract(storeOf: () => Store): void {
  describe("idempotent requests", () => {
    const requestOf = async (store: Store) => {
      const partnerId = await addPartner(store);
      const clientId = freshId("client");
      const secretHash = hashOf(clientId);
      const credential = { kind: "stripe", clientId, partnerId, secretHash, roles: [], createdAt: now };
      await store.addCredential(credential, written("credential"));
      const request = { clientId, key: freshId("key"), requestHash: hashOf("one"), at: now };
      return { ...request, abandonedBefore: earlier, forgottenBefore: earlier };
    };

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
      const other = { ...request, requestHash: hashOf("other"), abandonedBefore: later };
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "other_request" });
      await store.answerIdempotentRequest({ ...request, status: 200, body: "{}" });
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "other_request" });
      assert.deepEqual(await store.reserveIdempotentRequest({ ...stranger, key: request.key }), { result: "reserved" });
    });

    test("one that was given up is reserved again by the same request, and one that was forgotten by any", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      assert.deepEqual(await store.reserveIdempotentRequest({ ...request, abandonedBefore: later }), {
        result: "reserved",
      });
      await store.answerIdempotentRequest({ ...request, status: 200, body: "{}" });
      const again = await store.reserveIdempotentRequest({ ...request, abandonedBefore: later });
      assert.equal(again.result, "answered");
      const other = { ...request, requestHash: hashOf("other"), forgottenBefore: later };
      assert.deepEqual(await store.reserveIdempotentRequest(other), { result: "reserved" });
    });

    test("an answer is kept once, and a released request may be sent again", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      await store.releaseIdempotentRequest(request.clientId, request.key);
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "reserved" });
      await store.answerIdempotentRequest({ ...request, status: 200, body: "first" });
      await store.answerIdempotentRequest({ ...request, status: 400, body: "second" });
      await store.releaseIdempotentRequest(request.clientId, request.key);
      const kept = { result: "answered", status: 200, body: "first" };
      assert.deepEqual(await store.reserveIdempotentRequest(request), kept);
    });

    test("a change keeps its answer in its own transaction, and one that is refused keeps none", async () => {
      const store = storeOf();
      const request = await requestOf(store);
      await store.reserveIdempotentRequest(request);
      const { id } = await addCard(store);
      const answer = { clientId: request.clientId, key: request.key, status: 200, body: '{"id":1}' };
      const details = { protocol: "stripe", details: { status: "inactive" } };
      const refused = { ...written("refused", id), answer, cardDetails: { cardId: "none", ...details } };
      assert.equal(await store.setCardDetails(refused), "unknown");
      assert.deepEqual(await store.reserveIdempotentRequest(request), { result: "under_way" });
      await store.setCardDetails({ ...written("changed", id), answer, cardDetails: { cardId: id, ...details } });
      const kept = { result: "answered", status: 200, body: '{"id":1}' };
      assert.deepEqual(await store.reserveIdempotentRequest(request), kept);
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
