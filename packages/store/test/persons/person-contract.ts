import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { addPartner, addPerson, eventsOf, freshId, now, written } from "../fresh-records.ts";

/** What every store must do with programs, persons and mobile numbers. */
export function personContract(storeOf: () => Store): void {
  describe("programs, persons, mobile numbers", () => {
    let store: Store;
    before(() => {
      store = storeOf();
    });

    test("a program keeps its settings as they are; its id is taken once", async () => {
      const settings = { policy: { length: [4, 6], deny: ["1234"] }, wrapAround: false, tries: 3 };
      const program = { id: freshId("program"), name: "A program", settings, createdAt: now };
      assert.equal(await store.addProgram(program, written("program")), "added");
      assert.deepEqual(await store.findProgram(program.id), program);
      assert.ok((await store.listPrograms()).some(({ id }) => id === program.id));
      assert.equal(await store.addProgram({ ...program, settings: {} }, written("program")), "exists");
      assert.deepEqual((await store.findProgram(program.id))?.settings, settings);
      assert.equal(await store.findProgram("none"), null);
    });

    test("a person is found with the mobile number it was added with", async () => {
      const mobileNumber = { id: freshId("number"), number: "+15550101", verified: true, setByOperator: true };
      const person = { id: freshId("person"), partnerId: await addPartner(store), mobileNumber, createdAt: now };
      assert.equal(await store.addPerson(person, written("person")), "added");
      assert.deepEqual(await store.findPerson(person.id), person);
      assert.equal(await store.addPerson(person, written("person")), "exists");
      const orphan = { ...person, id: freshId("person"), partnerId: "nobody" };
      assert.equal(await store.addPerson(orphan, written("person")), "partner_unknown");
      assert.equal(await store.findPerson(orphan.id), null);
    });

    test("an unverified number is replaced, a verified one is not", async () => {
      const personId = await addPerson(store);
      const [first, second, third] = [1, 2, 3].map((n) => ({
        id: freshId("number"),
        number: `+1555010${n}`,
        verified: false,
        setByOperator: false,
      })) as [MobileNumber, MobileNumber, MobileNumber];
      const set = (number: MobileNumber) => store.setMobileNumber(personId, number, written("set", personId));
      assert.equal(await set(first), "set");
      assert.equal(await set(second), "set");
      assert.equal(await store.verifyMobileNumber(personId, first.id, written("verified")), "unknown");
      assert.equal(await store.verifyMobileNumber("nobody", second.id, written("verified")), "unknown");
      assert.equal(await store.verifyMobileNumber(personId, second.id, written("verified")), "verified");
      assert.equal(await store.verifyMobileNumber(personId, second.id, written("verified")), "unknown");
      assert.equal(await set(third), "verified_exists");
      assert.deepEqual((await store.findPerson(personId))?.mobileNumber, { ...second, verified: true });
      assert.equal(await store.deleteMobileNumber(personId, first.id, written("deleted")), "unknown");
      assert.equal(await store.deleteMobileNumber(personId, second.id, written("deleted")), "deleted");
      assert.equal(await store.deleteMobileNumber(personId, second.id, written("deleted")), "unknown");
      assert.equal((await store.findPerson(personId))?.mobileNumber, null);
      assert.deepEqual(await eventsOf(store, personId), ["set", "set"]);
    });

    test("a verified number replaces any", async () => {
      const personId = await addPerson(store);
      const numbers = [1, 2, 3].map((n) => ({
        id: freshId("number"),
        number: `+1555020${n}`,
        verified: n > 1,
        setByOperator: n > 1,
      }));
      for (const number of numbers)
        assert.equal(await store.setMobileNumber(personId, number, written("set", personId)), "set");
      assert.deepEqual((await store.findPerson(personId))?.mobileNumber, numbers[2]);
      assert.equal(await store.verifyMobileNumber(personId, numbers[0]?.id ?? "", written("verified")), "unknown");
    });

    test("a number that no operator set is refused where the partner may register none", async () => {
      const partnerId = await addPartner(store);
      const allow = (mayRegisterMobileNumbers: boolean) =>
        store.updatePartner({ id: partnerId, mayRegisterMobileNumbers }, written("partner"));
      const person = { id: freshId("person"), partnerId, mobileNumber: null, createdAt: now };
      await store.addPerson(person, written("person"));
      const registered = { id: freshId("number"), number: "+15550301", verified: false, setByOperator: false };
      const set = (number: MobileNumber) => store.setMobileNumber(person.id, number, written("set", person.id));
      const verify = () => store.verifyMobileNumber(person.id, registered.id, written("verified", person.id));
      const found = async () => (await store.findPerson(person.id))?.mobileNumber;
      await allow(false);
      assert.equal(await set(registered), "not_allowed");
      assert.equal(await found(), null);
      await allow(true);
      assert.equal(await set(registered), "set");
      await allow(false);
      assert.equal(await verify(), "not_allowed");
      assert.deepEqual(await found(), registered);
      const given = { ...registered, id: freshId("number"), verified: true, setByOperator: true };
      assert.equal(await set(given), "set");
      assert.deepEqual(await found(), given);
      assert.deepEqual(await eventsOf(store, person.id), ["set", "set"]);
    });
  });
}

type MobileNumber = Parameters<Store["setMobileNumber"]>[1];
