import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type Card, type Store, verifyAuditChain } from "@linchpin/store";
import { cardDataContract } from "./card-data-contract.ts";
import {
  addAuthorizedRequest,
  addCard,
  addCardWithPin,
  addChallenge,
  addDevice,
  addPartner,
  addPerson,
  authorize,
  blockPin,
  challengeOf,
  changeOf,
  changeRequestOf,
  earlier,
  event,
  eventsOf,
  freshId,
  freshMark,
  hashOf,
  later,
  message,
  now,
  readCard,
  sealedText,
  sendOtp,
  verificationOf,
  written,
} from "./house.ts";
import { keyContract } from "./key-contract.ts";
import { signingMethodContract } from "./signing-method-contract.ts";

/** What every store must do, called by one caller at a time. `open` is called once. */
export function storeContract(name: string, open: () => Promise<{ store: Store; close(): Promise<void> }>): void {
  describe(name, () => {
    let store: Store;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(async () => {
      assert.equal((await verifyAuditChain(store)).intact, true);
      await close();
    });

    describe("partners, credentials, tokens, operators", () => {
      test("a partner is found and listed as it was added", async () => {
        const partner = { id: freshId("partner"), name: "Bänk", createdAt: now };
        assert.equal(await store.addPartner(partner, written("partner")), "added");
        assert.deepEqual(await store.findPartner(partner.id), partner);
        assert.deepEqual(
          (await store.listPartners()).filter(({ id }) => id === partner.id),
          [partner],
        );
        assert.equal(await store.findPartner("nobody"), null);
      });

      test("a partner's id is taken once, and a refused one leaves no trace", async () => {
        const id = freshId("partner");
        const subject = freshId("subject");
        await store.addPartner({ id, name: "first", createdAt: now }, written("partner"));
        const second = { id, name: "second", createdAt: now };
        assert.equal(await store.addPartner(second, written("refused", subject)), "exists");
        assert.equal((await store.findPartner(id))?.name, "first");
        assert.deepEqual(await eventsOf(store, subject), []);
      });

      test("a credential is found by its kind alone", async () => {
        const credential = await addCredential(store);
        assert.deepEqual(await store.findCredential("solaris", credential.clientId), credential);
        assert.deepEqual(await store.findCredentialBySecret("solaris", credential.secretHash), credential);
        assert.equal(await store.findCredential("adyen", credential.clientId), null);
        assert.equal(await store.findCredentialBySecret("adyen", credential.secretHash), null);
        assert.equal(await store.findCredential("solaris", "nobody"), null);
        assert.equal(await store.findCredentialBySecret("solaris", hashOf("nothing")), null);
      });

      test("a credential needs a partner, and a client id and a secret that are not taken", async () => {
        const credential = await addCredential(store);
        const another = { ...credential, clientId: freshId("client"), secretHash: hashOf(freshId("secret")) };
        const add = (change: object) => store.addCredential({ ...another, ...change }, written("credential"));
        assert.equal(await add({ partnerId: "nobody" }), "partner_unknown");
        assert.equal(await add({ clientId: credential.clientId }), "exists");
        assert.equal(await add({ secretHash: credential.secretHash }), "exists");
        assert.equal(await add({ secretHash: credential.secretHash, kind: "adyen" }), "added");
      });

      test("a revoked credential is gone with its tokens, also those it is given afterwards", async () => {
        const { clientId, partnerId, secretHash } = await addCredential(store);
        const token = { clientId, partnerId, audience: "solaris", expiresAt: later };
        await store.addAccessToken({ ...token, tokenHash: hashOf(`${clientId} 1`) });
        const another = { partnerId: await addPartner(store), clientId };
        assert.equal(await store.revokeCredential(another, now, written("revoked")), "unknown");
        assert.notEqual(await store.findCredential("solaris", clientId), null);
        assert.equal(await store.revokeCredential({ partnerId, clientId }, now, written("revoked")), "revoked");
        await store.addAccessToken({ ...token, tokenHash: hashOf(`${clientId} 2`) });
        assert.equal(await store.findCredential("solaris", clientId), null);
        assert.equal(await store.findCredentialBySecret("solaris", secretHash), null);
        assert.equal(await store.findAccessToken(hashOf(`${clientId} 1`)), null);
        assert.equal(await store.findAccessToken(hashOf(`${clientId} 2`)), null);
        assert.equal(await store.revokeCredential({ partnerId, clientId }, now, written("revoked")), "unknown");
        assert.equal(
          await store.revokeCredential({ partnerId, clientId: "nobody" }, now, written("revoked")),
          "unknown",
        );
      });

      test("a token is found, expired or not, until it is deleted", async () => {
        const { clientId, partnerId } = await addCredential(store);
        const expired = {
          tokenHash: hashOf(`${clientId} 1`),
          clientId,
          partnerId,
          audience: "solaris",
          expiresAt: earlier,
        };
        const alive = { ...expired, tokenHash: hashOf(`${clientId} 2`), expiresAt: later };
        await store.addAccessToken(expired);
        await store.addAccessToken(alive);
        assert.deepEqual(await store.findAccessToken(expired.tokenHash), expired);
        assert.equal(await store.findAccessToken(hashOf("nothing")), null);
        assert.equal(await store.deleteExpiredAccessTokens(now), 1);
        assert.equal(await store.findAccessToken(expired.tokenHash), null);
        assert.deepEqual(await store.findAccessToken(alive.tokenHash), alive);
      });

      test("a token of a credential that does not exist is refused", async () => {
        const token = {
          tokenHash: hashOf("x"),
          clientId: "nobody",
          partnerId: "p",
          audience: "solaris",
          expiresAt: later,
        };
        await assert.rejects(store.addAccessToken(token), isRefused);
      });

      test("a partner's credentials are listed without secrets, revoked ones not", async () => {
        const { secretHash, ...credential } = await addCredential(store);
        const { partnerId } = credential;
        const revoked = { ...credential, clientId: freshId("client"), secretHash: hashOf(freshId("secret")) };
        await store.addCredential(revoked, written("credential"));
        await store.revokeCredential(revoked, now, written("revoked"));
        await addCredential(store);
        assert.deepEqual(await store.listCredentials(partnerId), [credential]);
        assert.deepEqual(await store.listCredentials("nobody"), []);
      });

      const operatorOf = (name: string) => ({ apiKeyHash: hashOf(freshId("key")), name, createdAt: now });

      test("wrong secrets are counted by name and minute, each once, until they are deleted", async () => {
        const name = freshId("caller");
        const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
        const within = [0, 1, 30_000, 59_999].map((ms) => new Date(minute.getTime() + ms));
        const counts = await Promise.all(within.map((at) => store.countWrongSecret(name, at)));
        assert.deepEqual(counts.toSorted(), [1, 2, 3, 4]);
        const next = new Date(minute.getTime() + 60_000);
        assert.equal(await store.countWrongSecret(name, next), 1);
        assert.equal(await store.countWrongSecret(`${name} elsewhere`, next), 1);
        assert.equal(await store.deleteWrongSecretCounts(next), 1);
        assert.equal(await store.countWrongSecret(name, minute), 1);
        assert.equal(await store.countWrongSecret(name, next), 2);
      });

      test("an operator is found by the API key alone; key and name are taken once", async () => {
        const subject = freshId("subject");
        const operator = operatorOf(freshId("ops"));
        assert.equal(await store.addOperator(operator, written("added", subject)), "added");
        assert.deepEqual(await store.findOperator(operator.apiKeyHash), operator);
        assert.equal(await store.findOperator(hashOf("another")), null);
        const thief = { ...operator, name: freshId("thief") };
        assert.equal(await store.addOperator(thief, written("again", subject)), "exists");
        assert.equal(await store.addOperator(operatorOf(operator.name), written("again", subject)), "exists");
        assert.equal((await store.findOperator(operator.apiKeyHash))?.name, operator.name);
        assert.deepEqual(await eventsOf(store, subject), ["added"]);
      });

      test("operators are listed without keys, and deleted but for the last one", async () => {
        const subject = freshId("subject");
        const operator = operatorOf(freshId("ops"));
        await store.addOperator(operator, written("added"));
        await store.addOperator(operatorOf(freshId("ops")), written("added"));
        const listed = (await store.listOperators()).find(({ name }) => name === operator.name);
        assert.deepEqual(listed, { name: operator.name, createdAt: now });
        assert.equal(await store.deleteOperator("nobody", written("deleted", subject)), "unknown");
        assert.equal(await store.deleteOperator(operator.name, written("deleted", subject)), "deleted");
        assert.equal(await store.findOperator(operator.apiKeyHash), null);
        assert.equal(await store.deleteOperator(operator.name, written("deleted", subject)), "unknown");
        const [last, ...others] = await store.listOperators();
        for (const { name } of others) await store.deleteOperator(name, written("deleted"));
        assert.equal(await store.deleteOperator(last?.name ?? "", written("deleted", subject)), "last");
        assert.deepEqual(await store.listOperators(), [last]);
        assert.deepEqual(await eventsOf(store, subject), ["deleted"]);
      });
    });

    describe("programs, persons, mobile numbers", () => {
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
        const mobileNumber = { id: freshId("number"), number: "+15550101", verified: true };
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
        assert.equal(await store.deleteMobileNumber(personId, written("deleted")), "deleted");
        assert.equal(await store.deleteMobileNumber(personId, written("deleted")), "unknown");
        assert.equal((await store.findPerson(personId))?.mobileNumber, null);
        assert.deepEqual(await eventsOf(store, personId), ["set", "set"]);
      });

      test("a verified number replaces any", async () => {
        const personId = await addPerson(store);
        const numbers = [1, 2, 3].map((n) => ({ id: freshId("number"), number: `+1555020${n}`, verified: n > 1 }));
        for (const number of numbers)
          assert.equal(await store.setMobileNumber(personId, number, written("set", personId)), "set");
        assert.deepEqual((await store.findPerson(personId))?.mobileNumber, numbers[2]);
        assert.equal(await store.verifyMobileNumber(personId, numbers[0]?.id ?? "", written("verified")), "unknown");
      });
    });

    describe("cards", () => {
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

      test("a card is found for a change with the device that signed and whether the mark was spent, as each alone", async () => {
        const card = await addCard(store);
        const deviceId = await addDevice(store, card.person.id);
        const asked = {
          protocol: "solaris",
          name: nameOf(card, "solaris"),
          deviceId,
          mark: markOf(changeOf(card.id, 0)),
        };
        const find = async (differing: Partial<typeof asked> = {}) =>
          store.findCardForChange({ ...asked, ...differing });
        const device = () => store.findDevice(deviceId, { includeUnverified: true });
        assert.deepEqual(await find(), { ...card, device: await device(), isReplayed: false });
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
        assert.deepEqual(await find({ deviceId: "none" }), { ...card, device: null, isReplayed: false });
        assert.equal(await find({ protocol: "adyen" }), null);
        assert.equal(await store.spend({ mark: asked.mark, keyId: "k" }, null), "spent");
        assert.equal((await find())?.isReplayed, true);
        assert.equal(await store.deleteDevice(deviceId, written("deleted")), "deleted");
        assert.deepEqual(await find(), { ...card, device: null, isReplayed: true });
        await assert.rejects(find({ deviceId: "\u0000" }), { code: "request_invalid" });
      });

      test("a card without names, and one that shares a name with another protocol", async () => {
        const card = await addCard(store);
        const { id: personId } = card.person;
        const add = (names: Record<string, string>) => {
          const id = freshId("card");
          return store.addCard(
            { id, personId, programId: card.program.id, names, createdAt: now },
            written("card", id),
          );
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

    cardDataContract(() => store);
    keyContract(() => store);
    signingMethodContract(() => store);

    describe("replay marks", () => {
      test("a mark is spent once", async () => {
        const mark = freshMark();
        assert.equal(await store.isReplayed(mark.mark), false);
        assert.equal(await store.spend(mark, null), "spent");
        assert.equal(await store.isReplayed(mark.mark), true);
        assert.equal(await store.spend(mark, null), "replayed");
        assert.equal(await store.spend({ ...mark, keyId: "another" }, null), "replayed");
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

    describe("changing a PIN", () => {
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

      test("a spent mark changes nothing, on this card or another, whatever spent it", async () => {
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

      test("a change unblocks, unless it is told not to", async () => {
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
    });

    describe("devices", () => {
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

    describe("challenges", () => {
      test("a challenge is found as it was added, with what went out because of it", async () => {
        const recipient = freshId("+1555");
        const personId = await addPerson(store);
        const deviceId = await addDevice(store, personId);
        const challenge = await addChallenge(store, { personId, deviceId, keyPurpose: "restricted" });
        assert.deepEqual(await store.findChallenge(challenge.id), challenge);
        assert.equal(await store.findChallenge("none"), null);
        const sent = message(recipient, "Your OTP is 212212");
        await store.addChallenge({ ...challenge, id: freshId("challenge") }, written("challenge", null, [sent]));
        assert.deepEqual(await store.listMessages(recipient, 10), [sent]);
      });

      test("the newest open one is found: of its kind, of its person, alive", async () => {
        const { personId } = await addChallenge(store, { createdAt: earlier });
        const newest = await addChallenge(store, { personId });
        await addChallenge(store, { personId, kind: "activation_code", createdAt: later });
        await addChallenge(store, { createdAt: later });
        assert.deepEqual(await store.findOpenChallenge("device_binding", personId, now), newest);
        assert.equal(await store.findOpenChallenge("device_binding", personId, later), null);
        assert.equal(await store.findOpenChallenge("mobile_number", personId, now), null);
      });

      test("tries run out, and are not given once it is answered, ended or expired", async () => {
        const { id } = await addChallenge(store);
        assert.equal(await store.takeTry(id, 2, now), "taken");
        assert.equal(await store.takeTry(id, 2, later), "ended");
        assert.equal(await store.takeTry(id, 2, now), "taken");
        assert.equal(await store.takeTry(id, 2, now), "ended");
        assert.equal((await store.findChallenge(id))?.tries, 2);
        assert.equal(await store.takeTry("none", 2, now), "ended");
        const answered = await addChallenge(store);
        await store.answerChallenge(answered.id, now, written("answered"));
        assert.equal(await store.takeTry(answered.id, 2, now), "ended");
      });

      test("a challenge is answered once, while it is alive", async () => {
        const { id } = await addChallenge(store);
        assert.equal(await store.answerChallenge(id, later, written("answered")), "ended");
        assert.equal(await store.answerChallenge("none", now, written("answered")), "ended");
        assert.equal(await store.answerChallenge(id, now, written("answered")), "answered");
        assert.equal(await store.answerChallenge(id, now, written("answered")), "ended");
        assert.equal((await store.findChallenge(id))?.state, "answered");
      });

      test("open ones are ended together, by kind and person", async () => {
        const first = await addChallenge(store, { kind: "activation_code" });
        const { personId } = first;
        const binding = await addChallenge(store, { personId });
        await addChallenge(store, { personId, kind: "activation_code" });
        assert.equal(await store.endChallenges("activation_code", personId), 2);
        assert.equal(await store.endChallenges("activation_code", personId), 0);
        assert.equal((await store.findChallenge(first.id))?.state, "ended");
        assert.equal(await store.answerChallenge(first.id, now, written("answered")), "ended");
        assert.equal(await store.answerChallenge(binding.id, now, written("answered")), "answered");
      });

      test("what goes out to a person in an hour is counted, whatever it is; what is too much leaves no trace", async () => {
        const card = await addCard(store);
        const { id: personId } = card.person;
        const ended = changeRequestOf(card, { status: "FAILED", sealedPin: null });
        const request = changeRequestOf(card);
        for (const added of [ended, request]) await store.addChangeRequest(added, freshMark(), written("requested"));
        const limit = { maxOtpsPerHour: 3 };
        assert.equal(await sendOtp(store, personId, limit), "added");
        assert.equal(await sendOtp(store, personId, limit, { kind: "activation_code" }), "added");
        assert.equal(await authorize(store, ended.id, now, 3), "ended");
        assert.equal(await authorize(store, request.id, now, 3), "authorized");
        const updated = await store.findChangeRequest(request.id);
        const kept = challengeOf({ personId });
        assert.equal(await store.addChallenge(kept, written("kept", personId)), "added");
        const refused = challengeOf({ personId });
        const sent = written("refused", personId, [message(personId, "OTP")]);
        assert.equal(await store.addChallenge(refused, sent, { ...limit, replaces: true }), "rate_limited");
        assert.equal(await authorize(store, request.id, new Date(now.getTime() + 1), 3), "rate_limited");
        assert.equal(await store.findChallenge(refused.id), null);
        assert.equal((await store.findChallenge(kept.id))?.state, "open");
        assert.deepEqual(await store.findChangeRequest(request.id), updated);
        assert.deepEqual(await eventsOf(store, personId), ["sent", "sent", "kept"]);
        assert.equal((await store.listMessages(personId, 10)).length, 2);
        assert.equal(await authorize(store, request.id, now, null), "authorized");
        assert.equal(await sendOtp(store, await addPerson(store), { maxOtpsPerHour: 1 }), "added");
      });

      test("the count begins anew with the hour, and not for a clock that is behind", async () => {
        const personId = await addPerson(store);
        const at = (time: string) =>
          sendOtp(store, personId, { maxOtpsPerHour: 1 }, { createdAt: new Date(`2026-11-22T${time}Z`) });
        assert.equal(await at("10:59:59.999"), "added");
        assert.equal(await at("10:00:00.000"), "rate_limited");
        assert.equal(await at("11:00:00.000"), "added");
        assert.equal(await at("10:59:59.999"), "rate_limited");
        assert.equal(await at("11:59:59.999"), "rate_limited");
      });

      test("one that replaces ends what is open of its kind and person, and nothing else", async () => {
        const first = await addChallenge(store, { kind: "mobile_number" });
        const { personId } = first;
        const others = [await addChallenge(store, { personId }), await addChallenge(store, { kind: "mobile_number" })];
        const sending = { maxOtpsPerHour: 9, replaces: true };
        assert.equal(await sendOtp(store, personId, sending, { kind: "mobile_number" }), "added");
        assert.equal((await store.findChallenge(first.id))?.state, "ended");
        for (const { id } of others) assert.equal((await store.findChallenge(id))?.state, "open");
        assert.notEqual(await store.findOpenChallenge("mobile_number", personId, now), null);
      });

      test("expired ones are deleted, others stay", async () => {
        const expired = await addChallenge(store, { expiresAt: earlier });
        const alive = await addChallenge(store);
        assert.equal(await store.deleteExpiredChallenges(now), 1);
        assert.equal(await store.findChallenge(expired.id), null);
        assert.deepEqual(await store.findChallenge(alive.id), alive);
      });
    });

    describe("change requests", () => {
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

    describe("audit events", () => {
      test("events of a card come oldest first, in pages", async () => {
        const { id } = await addCard(store);
        const append = (what: string, occurredAt: Date) =>
          store.appendAuditEvent({ ...written(what, id).audit, occurredAt });
        await append("last", later);
        await append("first", earlier);
        assert.deepEqual(await eventsOf(store, id), ["first", "card", "last"]);
        const [page, ...none] = await store.listCardAuditEvents(id, { skip: 1, limit: 1 });
        assert.equal(page?.content, '{"what":"card"}');
        assert.deepEqual([page.cardId, page.occurredAt, none], [id, now, []]);
        assert.deepEqual(await store.listCardAuditEvents(id, { skip: 3, limit: 10 }), []);
        assert.deepEqual(await eventsOf(store, "none"), []);
      });

      test("a shard's events are numbered from one to its head", async () => {
        const subject = freshId("subject");
        for (const n of [1, 2, 3]) await store.appendAuditEvent(written(`${n}`, subject).audit);
        const shard = (await store.listCardAuditEvents(subject, { skip: 0, limit: 1 }))[0]?.shard ?? -1;
        const head = (await store.listAuditShards())[shard];
        const events = await store.listShardAuditEvents(shard, { afterSequence: 0n, limit: 10_000 });
        assert.deepEqual(
          events.map(({ sequence }) => sequence),
          events.map((_, index) => BigInt(index + 1)),
        );
        assert.deepEqual([events.at(-1)?.sequence, events.at(-1)?.hash], [head?.sequence, head?.hash]);
        const rest = await store.listShardAuditEvents(shard, { afterSequence: 1n, limit: 1 });
        assert.deepEqual(rest, events.slice(1, 2));
      });

      test("there are sixteen shards", async () => {
        assert.deepEqual(
          (await store.listAuditShards()).map(({ shard }) => shard),
          Array.from({ length: 16 }, (_, shard) => shard),
        );
      });
    });

    describe("outbox", () => {
      test("entries of one ordering key are claimed one after the other, those of others beside them", async () => {
        await clearOutbox(store);
        const [a1, a2, b1] = [event("a", '"a1"'), event("a", '"a2"'), event("b", '"b1"')];
        for (const entry of [a1, a2, b1]) await store.addOutboxEntry(entry);
        assert.deepEqual(
          await claim(store),
          [a1, b1].map((entry) => ({ ...entry, attempts: 0 })),
        );
        assert.deepEqual(await claim(store), []);
        await store.markDelivered(a1.id, now);
        assert.deepEqual(
          (await claim(store)).map(({ id }) => id),
          [a2.id],
        );
      });

      test("a claim runs out, and so do attempts: a dead entry holds nobody up", async () => {
        await clearOutbox(store);
        const [first, second] = [event("a"), event("a")];
        await store.addOutboxEntry(first);
        await store.addOutboxEntry(second);
        await claim(store);
        assert.deepEqual(
          (await claim(store, later)).map(({ id, attempts }) => [id, attempts]),
          [[first.id, 1]],
        );
        await store.markFailed(first.id, { at: now, nextAttemptAt: later, reason: "503" });
        assert.deepEqual(await claim(store), []);
        assert.deepEqual(
          (await claim(store, later)).map(({ id, attempts }) => [id, attempts]),
          [[first.id, 2]],
        );
        await store.markFailed(first.id, { at: now, nextAttemptAt: null, reason: "410" });
        assert.deepEqual(
          (await claim(store)).map(({ id }) => id),
          [second.id],
        );
      });

      test("no more are claimed than asked for, and none before it is due", async () => {
        await clearOutbox(store);
        for (const key of ["a", "b", "c"]) await store.addOutboxEntry(event(key));
        assert.deepEqual(await claim(store, earlier), []);
        const claimed = await store.claimOutboxEntries({ at: now, claimedUntil: later, limit: 2 });
        assert.equal(claimed.length, 2);
      });

      test("what was delivered or is dead stays so", async () => {
        await clearOutbox(store);
        const [delivered, dead] = [event("a"), event("b")];
        await store.addOutboxEntry(delivered);
        await store.addOutboxEntry(dead);
        await store.markDelivered(delivered.id, now);
        await store.markFailed(delivered.id, { at: now, nextAttemptAt: earlier, reason: "late" });
        await store.markFailed(dead.id, { at: now, nextAttemptAt: null, reason: "410" });
        await store.markDelivered(dead.id, now);
        assert.deepEqual(await claim(store, later), []);
      });

      test("the outbox is measured", async () => {
        await clearOutbox(store);
        const { dead } = await store.measureOutbox();
        assert.deepEqual(await store.measureOutbox(), { waiting: 0, oldestCreatedAt: null, dead });
        const [oldest, newest] = [{ ...event("a"), createdAt: earlier }, event("b")];
        await store.addOutboxEntry(newest);
        await store.addOutboxEntry(oldest);
        assert.deepEqual(await store.measureOutbox(), { waiting: 2, oldestCreatedAt: earlier, dead });
        await store.markFailed(oldest.id, { at: now, nextAttemptAt: null, reason: "410" });
        assert.deepEqual(await store.measureOutbox(), { waiting: 1, oldestCreatedAt: now, dead: dead + 1 });
      });

      test("messages are listed by recipient in the order they were added, the newest where there are too many", async () => {
        const recipient = freshId("+1555");
        const messages = ["one", "two", "three"].map((text) => message(recipient, text));
        const elsewhere = message(freshId("+1555"), "other");
        await store.appendAuditEvent(written("nothing").audit);
        for (const entry of [...messages, elsewhere, event(recipient)]) await store.addOutboxEntry(entry);
        await store.markDelivered(messages[0]?.id ?? "", now);
        assert.deepEqual(await store.listMessages(recipient, 10), messages);
        assert.deepEqual(await store.listMessages(recipient, 2), messages.slice(1));
        assert.deepEqual(await store.listMessages(null, 1), [elsewhere]);
        assert.deepEqual(await store.listMessages("nobody", 10), []);
      });

      test("entries of one change leave in their order", async () => {
        await clearOutbox(store);
        const entries = ["1", "2", "3", "4", "5"].map((n) => event("a", n));
        await store.addPartner({ id: freshId("partner"), name: "", createdAt: now }, written("partner", null, entries));
        for (const { id } of entries) {
          assert.deepEqual(
            (await claim(store)).map((entry) => entry.id),
            [id],
          );
          await store.markDelivered(id, now);
        }
      });

      test("delivered ones are deleted when they are old, others stay", async () => {
        await clearOutbox(store);
        const recipient = freshId("+1555");
        const [old, recent, waiting] = ["old", "recent", "waiting"].map((text) => message(recipient, text)) as [
          Entry,
          Entry,
          Entry,
        ];
        for (const entry of [old, recent, waiting]) await store.addOutboxEntry(entry);
        await store.markDelivered(old.id, earlier);
        await store.markDelivered(recent.id, later);
        await store.deleteDelivered(now);
        assert.deepEqual(await store.listMessages(recipient, 10), [recent, waiting]);
      });

      test("dead messages are deleted when they are old, dead events and others stay", async () => {
        await clearOutbox(store);
        await store.deleteDeadMessages(later);
        const recipient = freshId("+1555");
        const [old, recent, waiting] = ["old", "recent", "waiting"].map((text) => message(recipient, text)) as [
          Entry,
          Entry,
          Entry,
        ];
        const { dead } = await store.measureOutbox();
        const oldEvent = event(recipient);
        for (const entry of [old, recent, waiting, oldEvent]) await store.addOutboxEntry(entry);
        const giveUp = ({ id }: Entry, at: Date) =>
          store.markFailed(id, { at, nextAttemptAt: null, reason: "answered 410" });
        for (const entry of [old, oldEvent]) await giveUp(entry, earlier);
        await giveUp(recent, now);
        assert.equal(await store.deleteDeadMessages(now), 1);
        assert.deepEqual(await store.listMessages(recipient, 10), [recent, waiting]);
        assert.equal((await store.measureOutbox()).dead, dead + 2);
      });
    });

    test("the store answers", async () => {
      await assert.doesNotReject(store.ping());
    });
  });
}

type MobileNumber = Parameters<Store["setMobileNumber"]>[1];
type Entry = Parameters<Store["addOutboxEntry"]>[0];

const isRefused = (error: unknown) => error instanceof LinchpinError && error.code === "internal";

async function addCredential(store: Store) {
  const credential = {
    kind: "solaris",
    clientId: freshId("client"),
    partnerId: await addPartner(store),
    secretHash: hashOf(freshId("secret")),
    roles: ["reader", 'quoted "," role'],
    createdAt: now,
  };
  await store.addCredential(credential, written("credential"));
  return credential;
}

function nameOf(card: Card, protocol: string): string {
  return card.names[protocol] ?? assert.fail(`the card has no name for ${protocol}`);
}

function markOf({ mark }: ReturnType<typeof changeOf>): Uint8Array {
  return mark?.mark ?? assert.fail("the change has no mark");
}

/** The change answers `result`, and card, marks, events and outbox are as before. */
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

async function clearOutbox(store: Store): Promise<void> {
  const end = new Date("2100-01-01");
  for (let entries = await claim(store, end); entries.length > 0; entries = await claim(store, end)) {
    for (const { id } of entries) await store.markDelivered(id, now);
  }
}
