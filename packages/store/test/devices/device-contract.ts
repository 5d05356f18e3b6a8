import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import { addChallenge, addDevice, addPerson, earlier, freshId, later, now, written } from "../fresh-records.ts";

/** What every store must do with devices. */
export function deviceContract(storeOf: () => Store): void {
  describe("devices", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a device is found once it has proved its binding", async () => {
      const personId = await addPerson(store);
      const id = await addDevice(store, personId);
      assert.equal(await store.findDevice(id), null);
      assert.equal((await store.findDevice(id, { includeUnverified: true }))?.verified, false);
      assert.deepEqual(await store.listDevices(personId), []);
      assert.equal(await store.verifyDevice(id, 5, written("verified")), "verified");
      assert.equal(await store.verifyDevice(id, 5, written("verified")), "unknown");
      assert.equal(await store.verifyDevice("none", 5, written("verified")), "unknown");
      const device = await store.findDevice(id);
      assert.equal(device?.verified, true);
      assert.equal(device.partnerId, (await store.findPerson(personId))?.partnerId);
      assert.deepEqual(
        device.keys.map(({ purpose, publicPoint }) => [purpose, publicPoint]),
        [["unrestricted", new Uint8Array(65).fill(4)]],
      );
      assert.deepEqual(await store.listDevices(personId), [device]);
    });

    test("only so many devices are verified; a deleted one makes room", async () => {
      const personId = await addPerson(store);
      const [first, second] = [await addDevice(store, personId), await addDevice(store, personId)];
      const elsewhere = await addDevice(store, await addPerson(store));
      assert.equal(await store.verifyDevice(first, 1, written("verified")), "verified");
      assert.equal(await store.verifyDevice(second, 1, written("verified")), "too_many");
      assert.equal(await store.verifyDevice(elsewhere, 1, written("verified")), "verified");
      assert.equal(await store.deleteDevice(first, written("deleted")), "deleted");
      assert.equal(await store.verifyDevice(second, 1, written("verified")), "verified");
    });

    test("a deleted device is never found, nor brought back", async () => {
      const id = await addDevice(store, await addPerson(store));
      assert.equal(await store.deleteDevice(id, written("deleted")), "deleted");
      assert.equal(await store.deleteDevice(id, written("deleted")), "unknown");
      assert.equal(await store.deleteDevice("none", written("deleted")), "unknown");
      assert.equal(await store.findDevice(id, { includeUnverified: true }), null);
      assert.equal(await store.verifyDevice(id, 5, written("verified")), "unknown");
    });

    test("a partner's devices are listed page by page, oldest first; deleted ones only where they are asked for", async () => {
      const personId = await addPerson(store);
      const partnerId = (await store.findPerson(personId))?.partnerId ?? "";
      const other = { id: freshId("person"), partnerId, mobileNumber: null, createdAt: now };
      await store.addPerson(other, written("person"));
      const [oldest, deleted, newest, elsewhere] = [
        await addDevice(store, personId, earlier),
        await addDevice(store, personId),
        await addDevice(store, personId, later),
        await addDevice(store, other.id, later),
      ];
      await addDevice(store, personId);
      const strange = await addDevice(store, await addPerson(store));
      for (const id of [oldest, deleted, newest, elsewhere, strange])
        await store.verifyDevice(id, 5, written("verified"));
      await store.deleteDevice(deleted, written("deleted"));
      const all = { personId, includeDeleted: false, skip: 0, limit: 10 };
      const list = async (filter: Partial<{ [Name in keyof typeof all]: (typeof all)[Name] | null }> = {}) =>
        (await store.listPartnerDevices(partnerId, { ...all, ...filter } as typeof all)).map(({ id }) => id);
      assert.deepEqual(await list(), [oldest, newest]);
      assert.deepEqual(await list({ includeDeleted: true }), [oldest, deleted, newest]);
      const ofPartner = await list({ personId: null });
      assert.deepEqual([ofPartner[0], ofPartner.slice(1).sort()], [oldest, [newest, elsewhere].sort()]);
      assert.deepEqual(await list({ includeDeleted: true, skip: 1, limit: 1 }), [deleted]);
      assert.deepEqual(await list({ skip: 2 }), []);
      assert.deepEqual(await store.listPartnerDevices("nobody", all), []);
      const [first, second] = await store.listPartnerDevices(partnerId, { ...all, includeDeleted: true });
      assert.deepEqual([first?.deletedAt, second?.deletedAt], [null, now]);
      assert.deepEqual(first, await store.findDevice(oldest));
    });

    test("one key a purpose, on verified devices alone", async () => {
      const id = await addDevice(store, await addPerson(store));
      const key = (purpose: "restricted" | "unrestricted") => ({
        id: freshId("key"),
        purpose,
        publicPoint: new Uint8Array(65).fill(4),
        createdAt: later,
      });
      const restricted = key("restricted");
      assert.equal(await store.addDeviceKey(id, restricted, written("key")), "unknown");
      await store.verifyDevice(id, 5, written("verified"));
      assert.equal(await store.addDeviceKey(id, key("unrestricted"), written("key")), "exists");
      assert.equal(await store.addDeviceKey(id, restricted, written("key")), "added");
      assert.equal(await store.addDeviceKey(id, key("restricted"), written("key")), "exists");
      assert.equal(await store.addDeviceKey("none", key("restricted"), written("key")), "unknown");
      assert.deepEqual((await store.findDevice(id))?.keys[1], restricted);
      await store.deleteDevice(id, written("deleted"));
      assert.equal(await store.addDeviceKey(id, key("restricted"), written("key")), "unknown");
    });

    test("old ones that never proved their binding are deleted with their challenges, others stay", async () => {
      const personId = await addPerson(store);
      const [abandoned, recent, verified] = [
        await addDevice(store, personId, earlier),
        await addDevice(store, personId),
        await addDevice(store, personId, earlier),
      ];
      await store.verifyDevice(verified, 5, written("verified"));
      const challengeOfDevice = (deviceId: string) => addChallenge(store, { personId, deviceId });
      const [gone, kept] = [await challengeOfDevice(abandoned), await challengeOfDevice(verified)];
      assert.equal(await store.deleteUnverifiedDevices(now), 1);
      assert.equal(await store.deleteUnverifiedDevices(now), 0);
      assert.equal(await store.findDevice(abandoned, { includeUnverified: true }), null);
      assert.equal(await store.findChallenge(gone.id), null);
      assert.equal((await store.findDevice(recent, { includeUnverified: true }))?.keys.length, 1);
      assert.equal((await store.findDevice(verified))?.keys.length, 1);
      assert.deepEqual(await store.findChallenge(kept.id), kept);
    });

    test("a point that is not one is refused, with its device", async () => {
      const key = {
        id: freshId("key"),
        purpose: "restricted",
        publicPoint: new Uint8Array(33),
        createdAt: now,
      } as const;
      const device = { id: freshId("device"), personId: await addPerson(store), name: null, key, createdAt: now };
      await assert.rejects(store.addDevice(device), isRefused);
      assert.equal(await store.findDevice(device.id, { includeUnverified: true }), null);
    });
  });
}

const isRefused = (error: unknown) => error instanceof LinchpinError && error.code === "internal";
