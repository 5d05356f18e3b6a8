import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Sealed, SealedKind, Store } from "@linchpin/store";
import type { AuditEntry, KeyRecord } from "@linchpin/vault";
import {
  addCard,
  addChallenge,
  addPartner,
  authorize,
  changeOf,
  changeRequestOf,
  earlier,
  event,
  freshId,
  freshMark,
  later,
  message,
  now,
  readCard,
  written,
} from "../fresh-records.ts";
import { addUser, signingOf } from "../signing/signing-contract.ts";
import { webhookOf } from "../webhooks/webhook-contract.ts";

const handle = new Uint8Array([7]);
const byKey = (keyId: string, text = "sealed"): Sealed => ({ keyId, bytes: new TextEncoder().encode(text) });
const atOnce = { at: later, retiredBefore: later };

/** What every store must do with key records, and with the values that keys protect. */
export function keyContract(storeOf: () => Store): void {
  describe("keys", () => {
    test("are listed as they were added, one version after the other", async () => {
      const store = storeOf();
      const purpose = freshId("purpose");
      const first = keyOf(purpose, 1);
      const second = { ...keyOf(purpose, 2), publicKeySpki: new Uint8Array([48, 0]), currentFrom: null };
      assert.equal(await store.addKey(first, keyNote("made")), "added");
      assert.equal(await store.addKey(second, keyNote("made")), "added");
      assert.deepEqual(await versionsOf(store, purpose), [first, second]);
    });

    test("a version that is taken or leaves a gap changes nothing, and is not audited", async () => {
      const store = storeOf();
      const purpose = freshId("purpose");
      const note = keyNote(freshId("note"));
      await store.addKey(keyOf(purpose, 1), keyNote("made"));
      await store.addKey(keyOf(purpose, 2), keyNote("made"));
      const before = await versionsOf(store, purpose);
      for (const version of [1, 2, 4]) assert.equal(await store.addKey(keyOf(purpose, version), note), "version_taken");
      assert.deepEqual(await versionsOf(store, purpose), before);
      assert.equal(await timesTold(store, note), 0);
    });

    test("of many that are added at once, each is added or refused by itself, the versions of a purpose in order", async () => {
      const store = storeOf();
      const [taken, fresh, ...others] = Array.from({ length: 40 }, () => freshId("purpose")) as [string, string];
      await store.addKey(keyOf(taken, 1), keyNote("made"));
      const [refused, added] = [keyNote(freshId("note")), keyNote(freshId("note"))];
      const versions = [
        { ...keyOf(fresh, 1), publicKeySpki: new Uint8Array([48, 0]), acceptedUntil: later },
        keyOf(fresh, 2),
        { ...keyOf(fresh, 3), currentFrom: null },
      ];
      const results = await Promise.all([
        store.addKey(keyOf(taken, 1), refused),
        ...versions.map((key) => store.addKey(key, added)),
        store.addKey(keyOf(taken, 3), refused),
        ...others.map((purpose) => store.addKey(keyOf(purpose, 1), added)),
      ]);
      assert.deepEqual(results.slice(0, 5), ["version_taken", "added", "added", "added", "version_taken"]);
      assert.deepEqual(new Set(results.slice(5)), new Set(["added"]));
      assert.deepEqual(await versionsOf(store, fresh), versions);
      assert.equal(await timesTold(store, added), 41);
      assert.equal(await timesTold(store, refused), 0);
    });

    test("a pending key becomes current once, and the one before ends", async () => {
      const store = storeOf();
      const { purpose, current, pending } = await addTwo(store);
      const note = keyNote(freshId("note"));
      const rotated = event(purpose);
      const terms = { currentFrom: now, acceptedUntil: later, previousAcceptedUntil: earlier };
      assert.equal(await store.makeKeyCurrent(pending.id, terms, note, [rotated]), "made");
      const after = [
        { ...current, acceptedUntil: earlier },
        { ...pending, currentFrom: now, acceptedUntil: later },
      ];
      assert.deepEqual(await versionsOf(store, purpose), after);
      const again = { currentFrom: later, acceptedUntil: null, previousAcceptedUntil: later };
      for (const id of [pending.id, current.id, "nothing"])
        assert.equal(await store.makeKeyCurrent(id, again, note, [rotated]), "conflict");
      assert.deepEqual(await versionsOf(store, purpose), after);
      assert.equal(await timesTold(store, note), 1);
      const delivered = (await store.listEvents(100)).filter(({ orderingKey }) => orderingKey === purpose);
      assert.deepEqual(delivered, [rotated]);
    });

    test("of versions that serve beside one another, the one before the last alone ends", async () => {
      const store = storeOf();
      const { purpose, pending } = await addTwo(store);
      const terms = { currentFrom: now, acceptedUntil: null, previousAcceptedUntil: later, parallelVersions: 2 };
      const make = (id: string) => store.makeKeyCurrent(id, terms, keyNote("rotated"), []);
      assert.equal(await make(pending.id), "made");
      const endsOf = async () => (await versionsOf(store, purpose)).map(({ acceptedUntil }) => acceptedUntil);
      assert.deepEqual(await endsOf(), [null, null]);
      const third = { ...keyOf(purpose, 3), currentFrom: null };
      await store.addKey(third, keyNote("made"));
      assert.equal(await make(third.id), "made");
      assert.deepEqual(await endsOf(), [later, null, null]);
    });

    test("what has an end keeps it, and what is passed over while pending ends", async () => {
      const store = storeOf();
      const { purpose, pending } = await addTwo(store, { acceptedUntil: earlier });
      const third = { ...keyOf(purpose, 3), currentFrom: null };
      await store.addKey(third, keyNote("made"));
      const terms = { currentFrom: now, acceptedUntil: null, previousAcceptedUntil: null };
      assert.equal(await store.makeKeyCurrent(third.id, terms, keyNote("rotated"), []), "made");
      const ends = (await versionsOf(store, purpose)).map(({ acceptedUntil }) => acceptedUntil);
      assert.deepEqual(ends, [earlier, now, null]);
      assert.equal(await store.makeKeyCurrent(pending.id, terms, keyNote("rotated"), []), "conflict");
    });

    test("a key under which nothing is kept is retired, destroyed, and loses its handle, each once", async () => {
      const store = storeOf();
      const { purpose, current } = await addTwo(store);
      const [retired, destroyed] = [keyNote(freshId("note")), keyNote(freshId("note"))];
      const retire = () => store.retireKey(current.id, { at: now, forceRecovery: false }, retired);
      assert.equal(await store.destroyKey(current.id, atOnce, destroyed), "conflict");
      assert.equal(await retire(), "retired");
      assert.equal(await retire(), "conflict");
      assert.equal(await store.destroyKey(current.id, { at: later, retiredBefore: earlier }, destroyed), "conflict");
      await store.eraseKeyHandle(current.id);
      assert.deepEqual((await versionsOf(store, purpose))[0], { ...current, acceptedUntil: now });
      assert.equal(await store.destroyKey(current.id, atOnce, destroyed), "destroyed");
      assert.equal(await store.destroyKey(current.id, atOnce, destroyed), "conflict");
      const record = { ...current, acceptedUntil: now, destroyedAt: later };
      assert.deepEqual((await versionsOf(store, purpose))[0], record);
      await store.eraseKeyHandle(current.id);
      assert.deepEqual((await versionsOf(store, purpose))[0], { ...record, handle: new Uint8Array() });
      assert.deepEqual([await timesTold(store, retired), await timesTold(store, destroyed)], [1, 1]);
    });

    for (const [kind, keep] of Object.entries(keeping))
      test(`a key under which something is kept is neither retired nor destroyed: ${kind}`, async () => {
        const store = storeOf();
        const { purpose, current } = await addTwo(store);
        await keep(store, current.id);
        const counts = await store.countProtected(current.id);
        assert.deepEqual(counts, { ...nothing, [kind]: 1 });
        const note = keyNote(freshId("note"));
        assert.equal(await store.retireKey(current.id, { at: now, forceRecovery: false }, note), "in_use");
        const { current: ended } = await addTwo(store, { acceptedUntil: earlier });
        await keep(store, ended.id);
        assert.equal(await store.destroyKey(ended.id, atOnce, note), "in_use");
        assert.deepEqual((await versionsOf(store, purpose))[0], current);
        assert.equal(await timesTold(store, note), 0);
      });

    test("a forced retirement marks the signing methods that need the key, and no others", async () => {
      const store = storeOf();
      const { current } = await addTwo(store);
      const { methodId } = await addMethodUnder(store, current.id);
      const { methodId: other } = await addMethodUnder(store, freshId("key"));
      const force = { at: now, forceRecovery: true };
      assert.equal(await store.retireKey(current.id, force, keyNote("retired")), "retired");
      assert.equal((await store.findSigningMethod(methodId))?.needsRecovery, true);
      assert.equal((await store.findSigningMethod(other))?.needsRecovery, false);
      assert.deepEqual(await store.countProtected(current.id), nothing);
      assert.equal(await store.recordSigning(signingOf({ id: methodId, version: 1 })), "locked");
      assert.equal(await store.destroyKey(current.id, atOnce, keyNote("destroyed")), "destroyed");
    });

    test("a new value ends the need for recovery", async () => {
      const store = storeOf();
      const { current } = await addTwo(store);
      const { methodId, userId } = await addMethodUnder(store, current.id);
      await store.retireKey(current.id, { at: now, forceRecovery: true }, keyNote("retired"));
      const mac = { keyId: freshId("key"), bytes: new Uint8Array(32) };
      const update = { userId, methodId, mac, mark: null, authorization: null, auditAndOutbox: written("updated") };
      assert.equal(await store.updateSigningMethod(update), "updated");
      assert.equal((await store.findSigningMethod(methodId))?.needsRecovery, false);
      assert.equal(await store.recordSigning(signingOf({ id: methodId, version: 2 })), "match");
    });

    test("a forced retirement is refused while a value that can be re-encrypted needs the key", async () => {
      const store = storeOf();
      const { current } = await addTwo(store);
      const { methodId } = await addMethodUnder(store, current.id);
      await keeping.pins(store, current.id);
      assert.equal(await store.retireKey(current.id, { at: now, forceRecovery: true }, keyNote("retired")), "in_use");
      assert.equal((await store.findSigningMethod(methodId))?.needsRecovery, false);
    });
  });

  describe("what is sealed", () => {
    for (const [name, keep] of Object.entries(keeping)) {
      if (name === "signingMethods") continue;
      const kind = name as SealedKind;

      test(`is listed by its key and replaced: ${kind}`, async () => {
        const store = storeOf();
        const [before, after] = [freshId("key"), freshId("key")];
        await keep(store, before);
        await keep(store, before);
        await keep(store, freshId("key"));
        const listed = await store.listSealed(kind, [before], { fromId: "", limit: 10 });
        assert.equal(listed.length, 2);
        assert.ok(listed.every(({ sealed }) => sealed.keyId === before));
        const [first, second] = listed.map(({ id }) => id);
        assert.ok(first !== undefined && second !== undefined && first < second);
        const one = await store.listSealed(kind, [before], { fromId: "", limit: 1 });
        assert.deepEqual(one, listed.slice(0, 1));
        assert.deepEqual(await store.listSealed(kind, [before], { fromId: second, limit: 9 }), listed.slice(1));
        const sealed = byKey(after, "anew");
        assert.equal(await store.replaceSealed(kind, [{ stored: listed[0] ?? assert.fail(), sealed }]), 1);
        assert.deepEqual(await store.listSealed(kind, [before], { fromId: "", limit: 10 }), listed.slice(1));
        const [replaced] = await store.listSealed(kind, [after], { fromId: "", limit: 10 });
        assert.deepEqual(replaced, { ...listed[0], sealed });
      });
    }

    test("is not replaced when it was changed concurrently, nor twice", async () => {
      const store = storeOf();
      const [before, after] = [freshId("key"), freshId("key")];
      const id = await keeping.pins(store, before);
      const [read] = await store.listSealed("pins", [before], { fromId: "", limit: 1 });
      const replacement = { stored: read ?? assert.fail(), sealed: byKey(after) };
      await store.changePin(changeOf(id, 1, { sealed: byKey(before, "another PIN") }));
      assert.equal(await store.replaceSealed("pins", [replacement]), 0);
      assert.deepEqual((await readCard(store, id)).pin.sealed, byKey(before, "another PIN"));
      const [now] = await store.listSealed("pins", [before], { fromId: "", limit: 1 });
      const next = { stored: now ?? assert.fail(), sealed: byKey(after) };
      assert.equal(await store.replaceSealed("pins", [next]), 1);
      assert.equal(await store.replaceSealed("pins", [next]), 0);
    });

    test("keeps all else of the card", async () => {
      const store = storeOf();
      const [before, after] = [freshId("key"), freshId("key")];
      const id = await keeping.pins(store, before);
      const card = await readCard(store, id);
      const [of] = await store.listSealed("pins", [before], { fromId: "", limit: 1 });
      await store.replaceSealed("pins", [{ stored: of ?? assert.fail(), sealed: byKey(after) }]);
      assert.deepEqual(await readCard(store, id), { ...card, pin: { ...card.pin, sealed: byKey(after) } });
    });
  });
}

export function keyOf(purpose: string, version: number): KeyRecord {
  return {
    id: freshId("key"),
    purpose,
    version,
    algorithm: "RSA-OAEP-256",
    vault: "software",
    publicKeySpki: null,
    handle,
    createdAt: now,
    currentFrom: now,
    acceptedUntil: null,
    destroyedAt: null,
  };
}

export function keyNote(what: string): AuditEntry {
  return written(what).audit;
}

const nothing = {
  pins: 0,
  pinHistory: 0,
  requestedPins: 0,
  cardData: 0,
  challenges: 0,
  requestSecrets: 0,
  messages: 0,
  webhookSecrets: 0,
  signingMethods: 0,
};

/** By kind: stores a value that needs the key, and returns its id. */
const keeping = {
  pins: async (store: Store, keyId: string) => {
    const { id } = await addCard(store);
    await store.changePin(changeOf(id, 0, { sealed: byKey(keyId, id) }));
    return id;
  },
  pinHistory: async (store: Store, keyId: string) => {
    const { id } = await addCard(store);
    await store.changePin(changeOf(id, 0, { sealed: byKey(keyId, id) }));
    await store.changePin(changeOf(id, 1, { pinHistoryLength: 1 }));
    return id;
  },
  requestedPins: async (store: Store, keyId: string) => {
    const request = changeRequestOf(await addCard(store), { sealedPin: byKey(keyId) });
    await store.addChangeRequest(request, freshMark(), written("requested"));
    return request.id;
  },
  cardData: async (store: Store, keyId: string) => {
    const { id } = await addCard(store);
    const data = { expiration: { month: 9, year: 2031 }, sealed: byKey(keyId, id) };
    await store.setCardData(id, data, written("data", id));
    return id;
  },
  challenges: async (store: Store, keyId: string) => (await addChallenge(store, { sealedSecret: byKey(keyId) })).id,
  requestSecrets: async (store: Store, keyId: string) => {
    const request = changeRequestOf(await addCard(store));
    await store.addChangeRequest(request, freshMark(), written("requested"));
    await authorize(store, request.id, now, null, byKey(keyId));
    return request.id;
  },
  messages: async (store: Store, keyId: string) => {
    const entry = { ...message(freshId("to"), "text"), sealedText: byKey(keyId) };
    await store.addOutboxEntry(entry);
    return entry.id;
  },
  webhookSecrets: async (store: Store, keyId: string) => {
    const webhook = webhookOf(await addPartner(store), { sealedSecret: byKey(keyId) });
    await store.addWebhook(webhook, 10, written("webhook"));
    return webhook.id;
  },
  signingMethods: async (store: Store, keyId: string) => (await addMethodUnder(store, keyId)).methodId,
} satisfies Record<keyof typeof nothing, (store: Store, keyId: string) => Promise<string>>;

async function addMethodUnder(store: Store, keyId: string): Promise<{ userId: string; methodId: string }> {
  const methodId = freshId("method");
  const mac = { keyId, bytes: new Uint8Array(32).fill(1) };
  const method = { id: methodId, type: "PIN", physicalDeviceId: null, mac, createdAt: now } as const;
  const { id: userId } = await addUser(store, { method });
  return { userId, methodId };
}

/** Adds a current and a pending key of a fresh purpose. */
async function addTwo(store: Store, first: Partial<KeyRecord> = {}) {
  const purpose = freshId("purpose");
  const current = { ...keyOf(purpose, 1), ...first };
  const pending = { ...keyOf(purpose, 2), currentFrom: null };
  await store.addKey(current, keyNote("made"));
  await store.addKey(pending, keyNote("made"));
  return { purpose, current, pending };
}

async function versionsOf(store: Store, purpose: string): Promise<KeyRecord[]> {
  return (await store.listKeys()).filter((key) => key.purpose === purpose);
}

/** How many audit events have exactly this content. */
async function timesTold(store: Store, { content }: AuditEntry): Promise<number> {
  const shards = await store.listAuditShards();
  const events = await Promise.all(
    shards.map(({ shard }) => store.listShardAuditEvents(shard, { afterSequence: 0n, limit: 100_000 })),
  );
  return events.flat().filter((event) => event.content === content).length;
}
