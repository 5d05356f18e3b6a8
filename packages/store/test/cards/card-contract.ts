import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Card, ReplayMark, Store } from "@linchpin/store";
import { defaultChangesPerDay } from "@linchpin/store";
import {
  addCard,
  addCardWithPin,
  addDevice,
  changeAskedOf,
  changeOf,
  eventsOf,
  freshId,
  freshMark,
  later,
  now,
  readCard,
  sealedText,
  written,
} from "../fresh-records.ts";

/** What every store must do with cards. */
export function cardContract(storeOf: () => Store): void {
  describe("cards", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a card is found by its id and by its name in each protocol, with person and program", async () => {
      const card = await addCard(store);
      assert.deepEqual(card.pin, { status: "not_set", version: 0, sealed: null, failedTries: 0, chipVersion: 0 });
      assert.deepEqual(card.person, await store.findPerson(card.person.id));
      assert.deepEqual(card.program, await store.findProgram(card.program.id));
      assert.equal(card.state, "active");
      assert.equal(card.partnerId, card.person.partnerId);
      assert.deepEqual(await store.findCardByName("solaris", nameOf(card, "solaris")), card);
      assert.equal(await store.findCardByName("adyen", nameOf(card, "solaris")), null);
      await assert.rejects(store.findCardByName("solaris", "\u0000"), { code: "request_invalid" });
      assert.equal(await store.findCard("none"), null);
    });

    test("a person's cards are listed, the newest first, in whatever state, and no other person's", async () => {
      const [card] = [await addCard(store), await addCard(store)];
      const { person, program } = card;
      const id = freshId("card");
      const newer = { id, personId: person.id, programId: program.id, names: {}, createdAt: later };
      assert.equal(await store.addCard(newer, written("card", id)), "added");
      await store.setCardState(card.id, "terminated", written("terminated", card.id));
      const cards = [await readCard(store, id), await readCard(store, card.id)];
      assert.deepEqual(await store.listCardsOfPerson(person.id), cards);
      assert.deepEqual(await store.listCardsOfPerson("nobody"), []);
    });

    test("a card is added with its first PIN and spends its message, or nothing is", async () => {
      const { person, program } = await addCard(store);
      const orderDetails = { account_id: "a", line_1: "ADAM/SCHMIDT" };
      const firstPin = { sealed: sealedText("PIN 1"), mark: freshMark() };
      const cardToAdd = () => ({
        id: freshId("card"),
        personId: person.id,
        programId: program.id,
        names: { solaris: freshId("solaris") },
        createdAt: now,
        firstPin,
        orderDetails,
      });
      const [unknown, added, late] = [cardToAdd(), cardToAdd(), cardToAdd()];
      const add = (card: typeof added) => store.addCard(card, written("ordered", card.id));
      assert.equal(await add({ ...unknown, personId: "nobody" }), "person_unknown");
      assert.equal(await add({ ...unknown, programId: "none" }), "program_unknown");
      assert.equal(await store.isReplayed(firstPin.mark.mark), false);
      assert.equal(await add(added), "added");
      assert.equal(await store.isReplayed(firstPin.mark.mark), true);
      const { pin } = await readCard(store, added.id);
      assert.deepEqual(pin, { status: "active", version: 1, sealed: firstPin.sealed, failedTries: 0, chipVersion: 1 });
      assert.deepEqual(await store.findOrderDetails(added.id), orderDetails);
      assert.equal(await add(late), "replayed");
      assert.equal(await store.findCard(late.id), null);
      assert.deepEqual(await eventsOf(store, late.id), []);
      const taken = { ...late, names: added.names, firstPin: { ...firstPin, mark: freshMark() } };
      assert.equal(await add(taken), "exists");
      assert.equal(await store.isReplayed(taken.firstPin.mark.mark), false);
      assert.equal(await store.changePin(changeOf(added.id, 1)), "changed");
    });

    test("a card is added with both marks of its first PIN, or not at all", async () => {
      const { person, program } = await addCard(store);
      const add = (mark: readonly [ReplayMark, ReplayMark]) => {
        const id = freshId("card");
        const firstPin = { sealed: sealedText("PIN 1"), mark };
        const card = { id, personId: person.id, programId: program.id, names: {}, createdAt: now, firstPin };
        return store.addCard(card, written("ordered", id));
      };
      const [first, second] = [freshMark(), freshMark()];
      assert.equal(await add([first, second]), "added");
      for (const { mark } of [first, second]) assert.equal(await store.isReplayed(mark), true);
      assert.equal(await add([first, freshMark()]), "replayed");
      assert.equal(await add([freshMark(), second]), "replayed");
    });

    test("what was said of a card as it was ordered is kept without a PIN too, and null where nothing was", async () => {
      const { id, person, program } = await addCard(store);
      assert.equal(await store.findOrderDetails(id), null);
      assert.equal(await store.findOrderDetails("none"), null);
      const ordered = {
        id: freshId("card"),
        personId: person.id,
        programId: program.id,
        names: {},
        createdAt: now,
        orderDetails: { type: "VISA_DEBIT" },
      };
      assert.equal(await store.addCard(ordered, written("ordered")), "added");
      assert.deepEqual(await store.findOrderDetails(ordered.id), { type: "VISA_DEBIT" });
      assert.equal((await readCard(store, ordered.id)).pin.status, "not_set");
    });

    test("a card is found for a change with the device that signed and whether the mark was spent, as each alone", async () => {
      const card = await addCard(store);
      const deviceId = await addDevice(store, card.person.id);
      const asked = {
        protocol: "solaris",
        name: nameOf(card, "solaris"),
        deviceId,
        mark: markOf(changeOf(card.id, 0)),
        partnerId: card.partnerId,
        at: now,
      };
      const unspent = { isReplayed: false, refusal: null, changeAttempt: "none" } as const;
      const find = async (differing: Partial<typeof asked> = {}) => store.findCardForChange({ ...asked, ...differing });
      const device = () => store.findDevice(deviceId, { includeUnverified: true });
      assert.deepEqual(await find(), { ...card, device: await device(), ...unspent });
      assert.equal(await store.verifyDevice(deviceId, 5, written("verified")), "verified");
      assert.equal((await find())?.device?.verified, true);
      const key = {
        id: freshId("key"),
        purpose: "restricted",
        publicPoint: new Uint8Array(65).fill(4),
        createdAt: later,
      } as const;
      assert.equal(await store.addDeviceKey(deviceId, key, written("key")), "added");
      const both = await find();
      assert.equal(both?.device?.keys.length, 2);
      assert.deepEqual(both.device, await device());
      assert.deepEqual(await find({ deviceId: "none" }), { ...card, device: null, ...unspent });
      assert.equal(await find({ protocol: "adyen" }), null);
      assert.equal(await store.spend({ mark: asked.mark, keyId: "k" }, null), "spent");
      assert.equal((await find())?.isReplayed, true);
      assert.equal(await store.deleteDevice(deviceId, written("deleted")), "deleted");
      assert.deepEqual(await find(), { ...card, device: null, ...unspent, isReplayed: true });
      await assert.rejects(find({ deviceId: "\u0000" }), { code: "request_invalid" });
    });

    test("finding a card for a change counts an attempt where its program keeps a PIN history, until none is left", async () => {
      const settings = { policy: { formerPins: 1 }, changesPerDay: 2 };
      const card = await addCardWithPin(store, settings);
      const ask = async (differing: object = {}, at = now) =>
        (await store.findCardForChange({ ...changeAskedOf(card, at), ...differing }))?.changeAttempt;
      assert.equal(await ask({ partnerId: "another" }), "none");
      const { mark } = freshMark();
      await store.spend({ mark, keyId: "k" }, null);
      assert.equal(await ask({ mark }), "none");
      assert.deepEqual(
        [await ask(), await ask(), await ask(), await ask()],
        ["reserved", "reserved", "exhausted", "exhausted"],
      );
      assert.deepEqual(await readCard(store, card.id), card, "the PIN try counter is another");
      const nextDay = new Date("2026-11-23T00:00:00Z");
      assert.deepEqual(
        [await ask({}, nextDay), await ask({}, nextDay), await ask({}, nextDay)],
        ["reserved", "reserved", "exhausted"],
      );
      for (const other of [
        await addCard(store, settings),
        await addCardWithPin(store, { policy: { formerPins: 0 }, changesPerDay: 1 }),
        await addCardWithPin(store),
      ])
        for (let asked = 0; asked < 3; asked++)
          assert.equal((await store.findCardForChange(changeAskedOf(other)))?.changeAttempt, "none");
    });

    test("a program that was stored without a limit has the default one", async () => {
      const card = await addCardWithPin(store, { policy: { formerPins: 3 } });
      const attempts = [];
      for (let asked = 0; asked <= defaultChangesPerDay; asked++)
        attempts.push((await store.findCardForChange(changeAskedOf(card)))?.changeAttempt);
      assert.deepEqual(attempts, [...Array(defaultChangesPerDay).fill("reserved"), "exhausted"]);
    });

    test("a card without names, and one that shares a name with another protocol", async () => {
      const card = await addCard(store);
      const { id: personId } = card.person;
      const add = (names: Record<string, string>) => {
        const id = freshId("card");
        return store.addCard({ id, personId, programId: card.program.id, names, createdAt: now }, written("card", id));
      };
      assert.equal(await add({}), "added");
      assert.equal(await add({ plumery: nameOf(card, "solaris") }), "added");
    });

    test("a card gets a name in a protocol where it has none, and no other", async () => {
      const [card, other] = [await addCard(store), await addCard(store)];
      const named = (name: string) => ({ protocol: "fifth", name });
      const name = freshId("name");
      assert.equal(await store.addCardName(card.id, named(name), written("name", card.id)), "added");
      assert.equal((await store.findCardByName("fifth", name))?.id, card.id);
      assert.equal(await store.addCardName(card.id, named(freshId("name")), written("name", card.id)), "exists");
      assert.equal(await store.addCardName(other.id, named(name), written("name", other.id)), "exists");
      assert.equal(await store.addCardName("none", named(freshId("name")), written("name", card.id)), "unknown");
    });

    test("a card is refused whole: taken id, one taken name, unknown person, unknown program", async () => {
      const card = await addCard(store);
      const id = freshId("card");
      const fresh = {
        id,
        personId: card.person.id,
        programId: card.program.id,
        names: { solaris: freshId("solaris") },
        createdAt: now,
      };
      const add = (change: object) => store.addCard({ ...fresh, ...change }, written("refused", id));
      assert.equal(await add({ id: card.id }), "exists");
      assert.equal(await add({ names: { ...fresh.names, adyen: nameOf(card, "adyen") } }), "exists");
      assert.equal(await add({ personId: "nobody" }), "person_unknown");
      assert.equal(await add({ programId: "none" }), "program_unknown");
      assert.equal(await store.findCard(id), null);
      assert.equal(await store.findCardByName("solaris", fresh.names.solaris), null);
      assert.deepEqual(await eventsOf(store, id), []);
      assert.equal(await add({}), "added");
    });

    test("a terminated card stays terminated", async () => {
      const { id } = await addCard(store);
      assert.equal(await store.setCardState(id, "blocked", written("blocked", id)), "set");
      assert.equal(await store.setCardState(id, "active", written("active", id)), "set");
      assert.equal(await store.setCardState(id, "terminated", written("terminated", id)), "set");
      assert.equal(await store.setCardState(id, "active", written("refused", id)), "terminated");
      assert.equal(await store.setCardState("none", "active", written("refused", id)), "unknown");
      assert.equal((await readCard(store, id)).state, "terminated");
      assert.deepEqual(await eventsOf(store, id), ["card", "blocked", "active", "terminated"]);
    });
  });
}

function nameOf(card: Card, protocol: string): string {
  return card.names[protocol] ?? assert.fail(`the card has no name for ${protocol}`);
}

function markOf({ mark }: ReturnType<typeof changeOf>): Uint8Array {
  return mark !== null && "mark" in mark ? mark.mark : assert.fail("the change has no mark");
}
