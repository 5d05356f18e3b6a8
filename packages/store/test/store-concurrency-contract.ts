import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Store, verifyAuditChain } from "@linchpin/store";
import {
  addAuthorizedRequest,
  addCard,
  addCardWithPin,
  addChallenge,
  addDevice,
  addPerson,
  authorize,
  changeAskedOf,
  changeOf,
  changeRequestOf,
  event,
  eventsOf,
  freshId,
  freshMark,
  hashOf,
  now,
  readCard,
  sendOtp,
  verificationOf,
  written,
} from "./fresh-records.ts";
import { keyNote, keyOf } from "./keys/key-contract.ts";
import { signingMethodConcurrencyContract } from "./signing/signing-contract.ts";

/**
 * What must hold when many call at once. `open` returns two stores on one database: two servers, if it can have two.
 */
export function storeConcurrencyContract(
  name: string,
  open: () => Promise<{ stores: readonly [Store, Store]; close(): Promise<void> }>,
): void {
  describe(`${name}, many at once`, () => {
    let stores: readonly [Store, Store];
    let store: Store;
    let close: () => Promise<void>;
    before(async () => {
      ({ stores, close } = await open());
      store = stores[0];
    });
    after(async () => {
      assert.equal((await verifyAuditChain(store)).intact, true);
      await close();
    });

    /** Counts the answers of `count` calls that are made at once through both stores. */
    const tally = async (count: number, call: (store: Store, index: number) => Promise<string>) => {
      const calls = Array.from({ length: count }, (_, index) => call(stores[index % 2 === 0 ? 0 : 1], index));
      return countOf(await Promise.all(calls));
    };

    signingMethodConcurrencyContract(() => store, tally);

    test("200 wrong PINs: as many mismatches as tries, then blocked", async () => {
      const { id } = await addCardWithPin(store);
      const answers: { result: string; remainingAttempts?: number }[] = [];
      const results = await tally(200, async (through) => {
        const answer = await through.recordVerification(verificationOf(id, 1, false));
        answers.push(answer);
        return answer.result;
      });
      assert.deepEqual(results, { mismatch: 3, blocked: 197 });
      const remaining = answers.filter(({ result }) => result === "mismatch").map((answer) => answer.remainingAttempts);
      assert.deepEqual(remaining.sort(), [0, 1, 2]);
      const { status, failedTries } = (await readCard(store, id)).pin;
      assert.deepEqual([status, failedTries], ["blocked", 3]);
      const expected = { card: 1, changed: 1, mismatch: 2, blocking: 1, blocked: 197 };
      assert.deepEqual(countOf(await eventsOf(store, id)), expected);
    });

    test("right PINs among wrong ones: never more than the tries between two matches", async () => {
      const { id } = await addCardWithPin(store);
      await tally(60, async (through, index) => {
        const answer = await through.recordVerification(verificationOf(id, 1, index % 3 === 0));
        return answer.result;
      });
      let failedTries = 0;
      for (const what of (await eventsOfShard(store, id)).slice(2)) {
        assert.equal(what === "blocked", failedTries === 3);
        if (what === "match") failedTries = 0;
        if (what === "mismatch" || what === "blocking") failedTries += 1;
      }
    });

    test("one sealed PIN verified 50 times at once counts once", async () => {
      const { id } = await addCardWithPin(store);
      const verification = verificationOf(id, 1, false);
      const results = await tally(50, async (through) => (await through.recordVerification(verification)).result);
      assert.deepEqual(results, { mismatch: 1, replayed: 49 });
      assert.equal((await readCard(store, id)).pin.failedTries, 1);
    });

    test("one sealed PIN changes one of 50 cards", async () => {
      const cards = await Promise.all(Array.from({ length: 50 }, () => addCard(store)));
      const mark = freshMark();
      const change = (through: Store, index: number) =>
        through.changePin(changeOf(cards[index]?.id ?? "", 0, { mark }));
      assert.deepEqual(await tally(50, change), { changed: 1, replayed: 49 });
      const versions = await Promise.all(cards.map(async ({ id }) => `${(await readCard(store, id)).pin.version}`));
      assert.deepEqual(countOf(versions), { 0: 49, 1: 1 });
    });

    test("50 changes of one card from one version: one is made, with one event, one entry, one former PIN", async () => {
      const { id } = await addCardWithPin(store);
      const mark = freshMark();
      const change = (through: Store) => through.changePin(changeOf(id, 1, { mark, pinHistoryLength: 5 }));
      assert.deepEqual(await tally(50, change), { changed: 1, conflict: 49 });
      assert.equal((await readCard(store, id)).pin.version, 2);
      assert.equal((await store.listPinHistory(id, 10)).length, 1);
      assert.deepEqual(await eventsOf(store, id), ["card", "changed", "changed"]);
    });

    test("of 60 requests to change one PIN that has a history, as many have an attempt as the program allows", async () => {
      const card = await addCardWithPin(store, { policy: { formerPins: 3 }, changesPerDay: 7 });
      const id = await addAuthorizedRequest(store, card);
      const ask = async (through: Store, index: number) =>
        index % 3 === 0
          ? through.takeConfirmationTry(id, 60, now)
          : ((await through.findCardForChange(changeAskedOf(card)))?.changeAttempt ?? "");
      const { exhausted, ...had } = await tally(60, ask);
      assert.deepEqual([exhausted, (had["reserved"] ?? 0) + (had["taken"] ?? 0)], [53, 7]);
    });

    test("changes that read the card again after a conflict all succeed", async () => {
      const { id } = await addCard(store);
      const change = async (through: Store): Promise<string> => {
        const { version } = (await readCard(through, id)).pin;
        const result = await through.changePin(changeOf(id, version, { pinHistoryLength: 3 }));
        return result === "conflict" ? change(through) : result;
      };
      assert.deepEqual(await tally(20, change), { changed: 20 });
      assert.equal((await readCard(store, id)).pin.version, 20);
      assert.deepEqual(
        (await store.listPinHistory(id, 10)).map(({ version }) => version),
        [19, 18, 17],
      );
    });

    test("a block and a change of one card: the change is made before it or not at all", async () => {
      for (let round = 0; round < 10; round++) {
        const { id } = await addCardWithPin(store);
        const [changed] = await Promise.all([
          stores[0].changePin(changeOf(id, 1)),
          stores[1].setCardState(id, "blocked", written("blocked", id)),
        ]);
        const expected =
          changed === "changed" ? ["card", "changed", "changed", "blocked"] : ["card", "changed", "blocked"];
        assert.deepEqual(await eventsOfShard(store, id), expected);
      }
    });

    test("a change request is confirmed once", async () => {
      const card = await addCardWithPin(store);
      const changeRequestId = await addAuthorizedRequest(store, card);
      const change = (through: Store) => through.changePin(changeOf(card.id, 1, { changeRequestId, mark: null }));
      assert.deepEqual(await tally(20, change), { changed: 1, conflict: 19 });
    });

    test("a change request fails or changes the PIN, never both", async () => {
      for (let round = 0; round < 10; round++) {
        const card = await addCardWithPin(store);
        const changeRequestId = await addAuthorizedRequest(store, card);
        const [changed, failed] = await Promise.all([
          stores[0].changePin(changeOf(card.id, 1, { changeRequestId, mark: null })),
          stores[1].failChangeRequest(changeRequestId, now, written("failed", card.id)),
        ]);
        const status = (await store.findChangeRequest(changeRequestId))?.status;
        const { version } = (await readCard(store, card.id)).pin;
        const outcomes = [
          ["changed", "ended", "COMPLETED", 2],
          ["change_request_ended", "failed", "FAILED", 1],
        ];
        assert.ok(outcomes.some((outcome) => `${outcome}` === `${[changed, failed, status, version]}`));
      }
    });

    test("one sealed PIN makes one change request", async () => {
      const card = await addCard(store);
      const mark = freshMark();
      const add = (through: Store) =>
        through.addChangeRequest(changeRequestOf(card), mark, written("requested", card.id));
      assert.deepEqual(await tally(20, add), { added: 1, replayed: 19 });
      assert.deepEqual(await eventsOf(store, card.id), ["card", "requested"]);
    });

    test("a mark is spent once", async () => {
      const mark = freshMark();
      assert.deepEqual(await tally(50, (through) => through.spend(mark, null)), { spent: 1, replayed: 49 });
    });

    test("no more devices are verified than allowed", async () => {
      const personId = await addPerson(store);
      const devices = await Promise.all(Array.from({ length: 12 }, () => addDevice(store, personId)));
      const verify = (through: Store, index: number) =>
        through.verifyDevice(devices[index] ?? "", 5, written("verified", personId));
      assert.deepEqual(await tally(12, verify), { verified: 5, too_many: 7 });
      assert.equal((await store.listDevices(personId)).length, 5);
      assert.equal((await eventsOf(store, personId)).length, 5);
    });

    test("one device is verified once, one purpose gets one key", async () => {
      const id = await addDevice(store, await addPerson(store));
      const verify = (through: Store) => through.verifyDevice(id, 5, written("verified"));
      assert.deepEqual(await tally(10, verify), { verified: 1, unknown: 9 });
      const add = (through: Store) => {
        const publicPoint = new Uint8Array(65).fill(4);
        const key = { id: freshId("key"), purpose: "restricted", publicPoint, createdAt: now } as const;
        return through.addDeviceKey(id, key, written("key"));
      };
      assert.deepEqual(await tally(10, add), { added: 1, exists: 9 });
    });

    test("no more tries are given than there are; one answer is taken", async () => {
      const { id } = await addChallenge(store);
      assert.deepEqual(await tally(50, (through) => through.takeTry(id, 3, now)), { taken: 3, ended: 47 });
      const answer = (through: Store) => through.answerChallenge(id, now, written("answered"));
      assert.deepEqual(await tally(50, answer), { answered: 1, ended: 49 });
    });

    test("authorizing again while TANs are tried gives no extra try", async () => {
      const id = await addAuthorizedRequest(store, await addCard(store));
      const call = async (through: Store, index: number) =>
        index % 10 === 9 ? authorize(through, id) : through.takeConfirmationTry(id, 3, now);
      assert.deepEqual(await tally(50, call), { taken: 3, ended: 42, authorized: 5 });
    });

    test("no more OTPs and TANs go out to a person than allowed", async () => {
      const card = await addCard(store);
      const { id: personId } = card.person;
      const request = changeRequestOf(card);
      await store.addChangeRequest(request, freshMark(), written("requested"));
      const call = async (through: Store, index: number) => {
        if (index % 4 === 3) return authorize(through, request.id, now, 10);
        return sendOtp(through, personId, { maxOtpsPerHour: 10, replaces: index % 2 === 0 });
      };
      const { added = 0, authorized = 0, ...others } = await tally(80, call);
      assert.deepEqual([added + authorized, others], [10, { rate_limited: 70 }]);
      assert.equal((await store.listMessages(personId, 100)).length, added);
    });

    test("the last operator stays, however many are deleted at once", async () => {
      for (const name of Array.from({ length: 10 }, () => freshId("operator")))
        await store.addOperator({ apiKeyHash: hashOf(name), name, createdAt: now }, written("operator"));
      const names = (await store.listOperators()).map(({ name }) => name);
      const remove = (through: Store, index: number) => through.deleteOperator(names[index] ?? "", written("deleted"));
      assert.deepEqual(await tally(names.length, remove), { deleted: names.length - 1, last: 1 });
      assert.equal((await store.listOperators()).length, 1);
    });

    test("one of many servers makes the next key", async () => {
      const purposes = Array.from({ length: 20 }, () => freshId("purpose"));
      const add = (through: Store, index: number) => {
        const purpose = purposes[Math.floor(index / 10)] ?? assert.fail();
        return through.addKey(keyOf(purpose, 1), keyNote("made"));
      };
      assert.deepEqual(await tally(200, add), { added: 20, version_taken: 180 });
    });

    test("one name, one card; one id, one partner", async () => {
      const card = await addCard(store);
      const names = { adyen: freshId("adyen"), solaris: freshId("solaris") };
      const add = (through: Store) => {
        const id = freshId("card");
        const another = { id, personId: card.person.id, programId: card.program.id, names, createdAt: now };
        return through.addCard(another, written("card", id));
      };
      assert.deepEqual(await tally(20, add), { added: 1, exists: 19 });
      const partner = { id: freshId("partner"), name: "A partner", mayRegisterMobileNumbers: false, createdAt: now };
      const addIt = (through: Store) => through.addPartner(partner, written("partner"));
      assert.deepEqual(await tally(20, addIt), { added: 1, exists: 19 });
    });

    test("an outbox entry is claimed by one server; the order holds", async () => {
      const ordered = Array.from({ length: 5 }, () => freshId("order"));
      const added: string[] = [];
      for (let round = 0; round < 4; round++) {
        for (const key of ordered) {
          const entry = event(key, `${round}`);
          added.push(entry.id);
          await store.addOutboxEntry(entry);
        }
      }
      const delivered: { id: string; orderingKey: string; payload: string | null }[] = [];
      const deliver = async (through: Store) => {
        for (let idle = 0; idle < 3; ) {
          const claimedUntil = new Date(now.getTime() + 3_600_000);
          const entries = await through.claimOutboxEntries({ at: now, claimedUntil, limit: 2 });
          idle = entries.length === 0 ? idle + 1 : 0;
          for (const entry of entries) {
            delivered.push(entry);
            await through.markDelivered(entry.id, now);
          }
        }
        return "done";
      };
      await tally(6, deliver);
      const mine = delivered.filter(({ id }) => added.includes(id));
      assert.deepEqual(mine.map(({ id }) => id).sort(), added.sort());
      for (const key of ordered) {
        const rounds = mine.filter(({ orderingKey }) => orderingKey === key).map(({ payload }) => payload);
        assert.deepEqual(rounds, ["0", "1", "2", "3"]);
      }
    });

    test("everything at once on few cards waits for nothing in a circle", async () => {
      const cards = await Promise.all(Array.from({ length: 4 }, () => addCardWithPin(store)));
      const marks = Array.from({ length: 10 }, freshMark);
      const anything = async (through: Store, index: number) => {
        const card = cards[index % 4] ?? assert.fail();
        const mark = marks[index % 10] ?? assert.fail();
        const acts = [
          () => through.changePin(changeOf(card.id, 1, { mark })),
          () => through.recordVerification(verificationOf(card.id, 1, false, { mark, tryLimit: 100 })),
          () => through.addChangeRequest(changeRequestOf(card), mark, written("requested", card.id)),
          () => through.setChipSynced(card.id, 1, written("synced", card.id)),
          () => sendOtp(through, card.person.id, { maxOtpsPerHour: 100, replaces: true }),
          () => through.appendAuditEvent(written("anything", card.id).audit),
        ];
        await acts[Math.floor(index / 4) % acts.length]?.();
        return "done";
      };
      assert.deepEqual(await tally(200, anything), { done: 200 });
    });

    test("a database that is asked for more than it has connections queues the rest", async () => {
      assert.deepEqual(await tally(500, (through) => through.ping().then(() => "answered")), { answered: 500 });
    });
  });
}

function countOf(answers: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(answers, (answer) => answer)).map(([answer, all]) => [answer, all?.length ?? 0]),
  );
}

/** The `what` of a card's events, in the order of the chain. */
async function eventsOfShard(store: Store, cardId: string): Promise<string[]> {
  const events = await store.listCardAuditEvents(cardId, { skip: 0, limit: 1000 });
  return events.toSorted((a, b) => Number(a.sequence - b.sequence)).map(({ content }) => JSON.parse(content).what);
}
