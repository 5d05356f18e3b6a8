import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { addCard, eventsOf, sealedText, written } from "../fresh-records.ts";

/** What every store must do with card data. */
export function cardDataContract(storeOf: () => Store): void {
  describe("card data", () => {
    const data = { expiration: { month: 9, year: 2031 }, sealed: sealedText("PAN and CVV2") };

    test("is found as it was set, with its audit event", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      assert.equal(await store.setCardData(id, data, written("data", id)), "set");
      assert.deepEqual(await store.findCardData(id), data);
      assert.deepEqual(await eventsOf(store, id), ["card", "data"]);
    });

    test("is replaced whole, and leaves other cards' alone", async () => {
      const store = storeOf();
      const [{ id }, other] = [await addCard(store), await addCard(store)];
      await store.setCardData(id, data, written("data", id));
      await store.setCardData(other.id, data, written("data", other.id));
      const renewed = { expiration: { month: 12, year: 2035 }, sealed: { keyId: "key-2", bytes: Uint8Array.of(7) } };
      assert.equal(await store.setCardData(id, renewed, written("renewed", id)), "set");
      assert.deepEqual(await store.findCardData(id), renewed);
      assert.deepEqual(await store.findCardData(other.id), data);
      assert.deepEqual(await eventsOf(store, id), ["card", "data", "renewed"]);
    });

    test("is not there before it is set", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      assert.equal(await store.findCardData(id), null);
      assert.equal(await store.findCardData("none"), null);
    });

    test("is found by the MAC of its PAN, once it has one, and until it is replaced", async () => {
      const store = storeOf();
      const [{ id }, other] = [await addCard(store), await addCard(store)];
      const [keyId, nextKeyId] = [crypto.randomUUID(), crypto.randomUUID()];
      const mac = () => crypto.getRandomValues(new Uint8Array(32));
      const panMac = { keyId, bytes: mac() };
      const idsOf = async (...macs: Uint8Array[]) => (await store.findCardsByPan(macs)).map(({ card }) => card.id);
      await store.setCardData(id, { ...data, panMac }, written("data", id));
      await store.setCardData(other.id, data, written("data", other.id));
      assert.deepEqual(await idsOf(mac(), panMac.bytes), [id]);
      assert.deepEqual((await store.findCardsByPan([panMac.bytes]))[0]?.expiration, data.expiration);
      const unindexed = async (key: string) => (await store.listUnindexedPans(key, 10_000)).map(({ cardId }) => cardId);
      assert.ok(!(await unindexed(keyId)).includes(id));
      assert.ok((await unindexed(keyId)).includes(other.id) && (await unindexed(nextKeyId)).includes(id));
      await store.indexPan(other.id, { sealed: { ...data.sealed, bytes: Uint8Array.of(1) }, panMac });
      assert.deepEqual(await idsOf(panMac.bytes), [id], "data that changed meanwhile are left as they are");
      await store.indexPan(other.id, { sealed: data.sealed, panMac: { keyId: nextKeyId, bytes: panMac.bytes } });
      assert.deepEqual((await idsOf(panMac.bytes)).toSorted(), [id, other.id].toSorted());
      await store.setCardData(id, data, written("renewed", id));
      assert.deepEqual(await idsOf(panMac.bytes), [other.id]);
      assert.deepEqual(await idsOf(), []);
    });

    test("of an unknown card is refused, and leaves no trace", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      assert.equal(await store.setCardData("none", data, written("refused", id)), "unknown");
      assert.equal(await store.findCardData("none"), null);
      assert.deepEqual(await eventsOf(store, id), ["card"]);
    });

    test("with an expiration date that is none is refused, and changes nothing", async () => {
      const store = storeOf();
      const { id } = await addCard(store);
      await store.setCardData(id, data, written("data", id));
      for (const expiration of [
        { month: 0, year: 2031 },
        { month: 13, year: 2031 },
        { month: 9, year: 31 },
        { month: 9, year: 2100 },
      ])
        await assert.rejects(store.setCardData(id, { ...data, expiration }, written("refused", id)));
      assert.deepEqual(await store.findCardData(id), data);
      assert.deepEqual(await eventsOf(store, id), ["card", "data"]);
    });
  });
}
