import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import type { PinChange, ReplayMark, Signing, SigningUser, Store } from "@linchpin/store";
import type { SigningMethodUpdate } from "../../src/signing/records.ts";
import {
  addAuthorizedRequest,
  addCard,
  addCardWithPin,
  addDevice,
  addPartner,
  addPerson,
  blockPin,
  changeOf,
  changeRequestOf,
  event,
  eventsOf,
  freshId,
  freshMark,
  hashOf,
  later,
  now,
  readCard,
  verificationOf,
  written,
} from "../fresh-records.ts";
import { addUser, signingOf } from "../signing/signing-contract.ts";
import { many, type OpenDatabase, runTogether, useCountedStore } from "./counted-store.ts";

/** What every store must do with calls that share a statement. `open` is called once, for a migrated database. */
export function groupContract(name: string, open: OpenDatabase): void {
  describe(`calls that share a statement: ${name}`, () => {
    let store: Store;
    let statements: () => number;
    useCountedStore(open, (counted) => {
      ({ store, statements } = counted);
    });

    const together = <Result>(calls: readonly (() => Promise<Result>)[]) => runTogether(statements, calls);
    const change = (given: PinChange) => () => store.changePin(given);

    for (const count of [1, 2, 100])
      test(`${count} changes in one turn are one statement, each with its PIN, mark, event and outbox entry`, async () => {
        const cards = await many(count, () => addCard(store));
        const changes = cards.map(({ id }, index) => changeOf(id, 0, { pinHistoryLength: index % 2 }));
        const waitingBefore = (await store.measureOutbox()).waiting;
        const done = await together(changes.map(change));
        assert.deepEqual(done, { results: changes.map(() => "changed"), statements: 1 });
        const found = await many(count, (index) => readCard(store, cards[index]?.id ?? ""));
        for (const [index, { id, pin }] of found.entries()) {
          assert.deepEqual([pin.version, pin.sealed], [1, changes[index]?.sealed]);
          assert.deepEqual(await eventsOf(store, id), ["card", "changed"]);
        }
        assert.deepEqual(
          await many(count, (index) => store.isReplayed(markOf(changes[index]))),
          changes.map(() => true),
        );
        assert.equal((await store.measureOutbox()).waiting, waitingBefore + count);
      });

    test("updates of signing methods are one statement, whatever speaks against one; a method that is not found is looked for alone", async () => {
      const mac = { keyId: "key-2", bytes: hashOf("new value") };
      const update = (user: SigningUser, signing: Partial<Signing> = {}, change: Partial<SigningMethodUpdate> = {}) => {
        const method = user.methods[0] ?? assert.fail("the user has a method");
        const made = signingOf(method, { mark: freshMark(), idempotencyKey: randomUUID(), ...signing });
        const authorization = { ...made, auditAndOutbox: { ...made.auditAndOutbox, match: null } };
        const whole = { userId: user.id, methodId: method.id, mac, mark: freshMark(), authorization, ...change };
        return { user, whole: { ...whole, auditAndOutbox: written("updated") } };
      };
      const run = (updates: readonly ReturnType<typeof update>[]) =>
        together(
          updates.map(
            ({ whole }) =>
              () =>
                store.updateSigningMethod(whole),
          ),
        );
      const users = await many(10, () => addUser(store));
      assert.deepEqual(await run(users.map((user) => update(user))), {
        results: users.map(() => "updated"),
        statements: 1,
      });

      const again = await many(
        9,
        async (index) => (await store.findSigningUser(users[index]?.id ?? "")) ?? assert.fail(),
      );
      const [right, wrong, stale, keyUsed, replayed, changeReplayed, unknown, sameMark, unauthorized] = again as [
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
        SigningUser,
      ];
      const [key, spent, mark] = [randomUUID(), freshMark(), freshMark()];
      await store.spend(spent, null);
      const [used] = keyUsed.methods;
      await store.recordSigning(signingOf(used ?? assert.fail(), { idempotencyKey: key }));
      const mixed = [
        update(right),
        update(wrong, { matched: false }),
        update(stale, { version: 1 }),
        update(keyUsed, { idempotencyKey: key }),
        update(replayed, { mark: spent }),
        update(changeReplayed, {}, { mark: spent }),
        update(unknown, {}, { methodId: "none" }),
        update(sameMark, { mark }, { mark }),
        update(unauthorized, {}, { authorization: null }),
      ];
      const { results, statements: taken } = await run(mixed);
      assert.equal(taken, 3); // one for most, one for the second of two with one mark, one for the method that is not found
      assert.deepEqual(results, [
        "updated",
        "mismatch",
        "conflict",
        "key_used",
        "replayed",
        "replayed",
        "unknown",
        "replayed",
        "updated",
      ]);
      const versions = await many(
        9,
        async (index) => (await store.findSigningUser(again[index]?.id ?? ""))?.methods[0]?.version,
      );
      assert.deepEqual(versions, [3, 2, 2, 2, 2, 2, 2, 2, 3]);
      // The mark of a change that was not made is free again, that of an attempt that was counted is not.
      const isSpent = async ({ mark: one }: ReplayMark) => store.isReplayed(one);
      assert.equal(await isSpent(mixed[3]?.whole.mark ?? assert.fail()), false);
      assert.equal(await isSpent(mixed[1]?.whole.authorization?.mark ?? assert.fail()), true);
    });

    test("101 calls are two statements", async () => {
      const calls = Array.from({ length: 101 }, () => () => store.isReplayed(freshMark().mark));
      assert.deepEqual(await together(calls), { results: calls.map(() => false), statements: 2 });
    });

    test("reads of every kind are one statement a kind, and each finds its own", async () => {
      const cards = await many(3, () => addCard(store));
      const [card = assert.fail(), other = assert.fail()] = cards;
      const deviceId = await addDevice(store, card.person.id);
      const spent = freshMark();
      await store.spend(spent, null);
      const { methods } = await addUser(store);
      const partnerId = await addPartner(store);
      const clients = await many(2, async () => {
        const [clientId, tokenHash, secretHash] = [freshId("client"), hashOf(freshId("t")), hashOf(freshId("s"))];
        const credential = { kind: "solaris", clientId, partnerId, secretHash, roles: ["a"], createdAt: now };
        const token = { tokenHash, clientId, partnerId, audience: "solaris", expiresAt: later };
        await store.addCredential(credential, written("credential"));
        await store.addAccessToken(token);
        return { credential, token };
      });
      const ask = (name: string, device: string, { mark }: ReplayMark) =>
        store.findCardForChange({ protocol: "solaris", name, partnerId: null, deviceId: device, mark, at: now });
      const nameOf = (one: { names: Readonly<Record<string, string>> }) => one.names["solaris"] ?? "";

      const findCards = [
        ...cards.map(
          ({ id }) =>
            () =>
              store.findCard(id),
        ),
        () => store.findCard("none"),
      ];
      assert.deepEqual(await together(findCards), { results: [...cards, null], statements: 1 });
      const findNames = [...cards.map((one) => () => store.findCardByName("solaris", nameOf(one)))];
      assert.deepEqual(await together([...findNames, () => store.findCardByName("adyen", nameOf(card))]), {
        results: [...cards, null],
        statements: 1,
      });
      const device = await store.findDevice(deviceId, { includeUnverified: true });
      assert.equal(device?.keys.length, 1);
      assert.deepEqual(
        await together([
          () => ask(nameOf(card), deviceId, spent),
          () => ask(nameOf(other), "none", freshMark()),
          () => ask("none", deviceId, spent),
        ]),
        {
          results: [
            { ...card, device, isReplayed: true, changeAttempt: "none", refusal: null },
            { ...other, device: null, isReplayed: false, changeAttempt: "none", refusal: null },
            null,
          ],
          statements: 1,
        },
      );
      const findDevices = [true, false].map(
        (includeUnverified) => () => store.findDevice(deviceId, { includeUnverified }),
      );
      assert.deepEqual(await together(findDevices), { results: [device, null], statements: 1 });
      const replays = [spent, freshMark()].map(
        ({ mark }) =>
          () =>
            store.isReplayed(mark),
      );
      assert.deepEqual(await together(replays), { results: [true, false], statements: 1 });
      const tokens = clients.map(({ token }) => token);
      const findTokens = [...tokens.map(({ tokenHash }) => tokenHash), hashOf("none")].map(
        (hash) => () => store.findAccessToken(hash),
      );
      assert.deepEqual(await together(findTokens), { results: [...tokens, null], statements: 1 });
      const credentials = clients.map(({ credential }) => credential);
      const findCredentials = credentials.map(
        ({ clientId }) =>
          () =>
            store.findCredential("solaris", clientId),
      );
      assert.deepEqual(await together(findCredentials), { results: credentials, statements: 1 });
      const findSecrets = credentials.map(
        ({ secretHash }) =>
          () =>
            store.findCredentialBySecret("solaris", secretHash),
      );
      assert.deepEqual(await together(findSecrets), { results: credentials, statements: 1 });
      const [method = assert.fail()] = methods;
      const findMethods = [method.id, "none"].map((id) => async () => (await store.findSigningMethod(id))?.id);
      assert.deepEqual(await together(findMethods), { results: [method.id, undefined], statements: 1 });
      const operators = await many(2, async () => {
        const operator = { apiKeyHash: hashOf(freshId("key")), name: freshId("operator"), createdAt: now };
        await store.addOperator(operator, written("operator"));
        return operator;
      });
      const findOperators = [...operators.map(({ apiKeyHash }) => apiKeyHash), hashOf("none")].map(
        (hash) => () => store.findOperator(hash),
      );
      assert.deepEqual(await together(findOperators), { results: [...operators, null], statements: 1 });
      const pins = [0, 1, 2, 3].map((version) => changeOf(other.id, version, { pinHistoryLength: 10 }));
      for (const pin of pins) assert.equal(await store.changePin(pin), "changed");
      const former = [3, 2].map((version) => ({ version, sealed: pins[version - 1]?.sealed }));
      const histories = [other.id, card.id, "none"].map((id) => () => store.listPinHistory(id, 2));
      assert.deepEqual(await together(histories), { results: [former, [], []], statements: 1 });
    });

    test("changes with different outcomes share a statement: each has its own", async () => {
      const [changed, replayed, conflicting, blocked, terminated, ended, confirmed, pinBlocked] = (await many(8, () =>
        addCardWithPin(store),
      )) as [Card, Card, Card, Card, Card, Card, Card, Card];
      const spent = freshMark();
      await store.spend(spent, null);
      await store.setCardState(blocked.id, "blocked", written("blocked", blocked.id));
      await store.setCardState(terminated.id, "terminated", written("terminated", terminated.id));
      const failedRequest = await addAuthorizedRequest(store, ended);
      await store.failChangeRequest(failedRequest, now, written("failed", ended.id));
      const openRequest = await addAuthorizedRequest(store, confirmed);
      await blockPin(store, pinBlocked);
      const { results, statements } = await together([
        change(changeOf(changed.id, 1)),
        change(changeOf(replayed.id, 1, { mark: spent })),
        change(changeOf(conflicting.id, 0)),
        change(changeOf(blocked.id, 1)),
        change(changeOf(terminated.id, 1)),
        change(changeOf(ended.id, 1, { changeRequestId: failedRequest })),
        change(changeOf(confirmed.id, 1, { changeRequestId: openRequest, mark: null })),
        change(changeOf(pinBlocked.id, 1, { unblocks: false })),
      ]);
      const conflicts = ["conflict", "conflict", "conflict"];
      assert.deepEqual(results, ["changed", "replayed", ...conflicts, "change_request_ended", "changed", "changed"]);
      assert.equal(statements, 1);
      const cards = [changed, replayed, conflicting, blocked, terminated, ended, confirmed, pinBlocked];
      const after = await many(cards.length, (index) => readCard(store, cards[index]?.id ?? ""));
      assert.deepEqual(
        after.map(({ pin }) => pin.version),
        [2, 1, 1, 1, 1, 1, 2, 2],
      );
      assert.deepEqual([after[7]?.pin.status, after[7]?.pin.failedTries], ["blocked", 1]);
      assert.equal((await store.findChangeRequest(openRequest))?.status, "COMPLETED");
      assert.deepEqual((await eventsOf(store, replayed.id)).slice(2), []);
    });

    test("verifications with different outcomes share a statement: each counts its own try", async () => {
      const [right, wrong, last, blocked, replayed, stale, unset] = (await many(7, (index) =>
        index === 6 ? addCard(store) : addCardWithPin(store),
      )) as [Card, Card, Card, Card, Card, Card, Card];
      for (const _ of [1, 2]) await store.recordVerification(verificationOf(last.id, 1, false));
      await blockPin(store, blocked);
      const spent = freshMark();
      await store.spend(spent, null);
      const verify = (...given: Parameters<typeof verificationOf>) => {
        const verification = verificationOf(...given);
        return () => store.recordVerification(verification);
      };
      assert.deepEqual(
        await together([
          verify(right.id, 1, true),
          verify(wrong.id, 1, false),
          verify(last.id, 1, false),
          verify(blocked.id, 1, true),
          verify(replayed.id, 1, false, { mark: spent }),
          verify(stale.id, 2, false),
          verify(unset.id, 0, false),
        ]),
        {
          results: [
            { result: "match", remainingAttempts: 3 },
            { result: "mismatch", remainingAttempts: 2 },
            { result: "mismatch", remainingAttempts: 0 },
            { result: "blocked", remainingAttempts: 0 },
            { result: "replayed" },
            { result: "conflict" },
            { result: "conflict" },
          ],
          statements: 1,
        },
      );
      assert.equal((await readCard(store, replayed.id)).pin.failedTries, 0);
      assert.equal((await readCard(store, wrong.id)).pin.failedTries, 1);
      assert.deepEqual((await eventsOf(store, last.id)).slice(2), ["mismatch", "mismatch", "blocking"]);
    });

    test("attempts at signing methods with different outcomes share a statement", async () => {
      const methods = await many(6, async () => (await addUser(store)).methods[0] ?? assert.fail());
      const [right, wrong, last, replayed, used, stale] = methods as Six<(typeof methods)[number]>;
      const spent = freshMark();
      await store.spend(spent, null);
      const idempotencyKey = randomUUID();
      await store.recordSigning(signingOf(used, { idempotencyKey }));
      const sign = (...given: Parameters<typeof signingOf>) => {
        const signing = signingOf(...given);
        return () => store.recordSigning(signing);
      };
      assert.deepEqual(
        await together([
          sign(right, { mark: freshMark(), idempotencyKey: randomUUID() }),
          sign(wrong, { matched: false }),
          sign(last, { matched: false, attemptsAllowed: 1 }),
          sign(replayed, { mark: spent }),
          sign(used, { idempotencyKey }),
          sign({ ...stale, version: 2 }),
        ]),
        { results: ["match", "mismatch", "mismatch", "replayed", "key_used", "conflict"], statements: 1 },
      );
      assert.equal((await store.findSigningMethod(wrong.id))?.incorrectAttempts, 1);
      assert.equal(await store.recordSigning(signingOf(last, { attemptsAllowed: 1 })), "locked");
    });

    test("requests for a change share a statement; the one with a spent mark is replayed, and one of no card fails alone", async () => {
      const cards = await many(3, () => addCard(store));
      const spent = freshMark();
      await store.spend(spent, null);
      const add = (card: Card, mark = freshMark()) => {
        const request = changeRequestOf(card);
        return { request, call: () => store.addChangeRequest(request, mark, written("requested", card.id)) };
      };
      const [first, replayed, last] = [add(cards[0] as Card), add(cards[1] as Card, spent), add(cards[2] as Card)];
      assert.deepEqual(await together([first.call, replayed.call, last.call]), {
        results: ["added", "replayed", "added"],
        statements: 1,
      });
      assert.deepEqual(await store.findChangeRequest(last.request.id), last.request);
      assert.equal(await store.findChangeRequest(replayed.request.id), null);
      assert.deepEqual(await eventsOf(store, cards[1]?.id ?? ""), ["card"]);
      const [good, bad] = [add(cards[0] as Card), add({ ...(cards[1] as Card), id: "none" })];
      const { results } = await together([good.call, bad.call]);
      assert.equal(results[0], "added");
      assert.notEqual(results[1], "added");
    });

    test("two calls with one card are never in one statement", async () => {
      const { id } = await addCardWithPin(store);
      const changes = await together([change(changeOf(id, 1)), change(changeOf(id, 1)), change(changeOf(id, 2))]);
      assert.deepEqual(changes, { results: ["changed", "conflict", "changed"], statements: 3 });
      const tries = [false, false].map((matched) => () => store.recordVerification(verificationOf(id, 3, matched)));
      assert.deepEqual(await together(tries), {
        results: [2, 1].map((remainingAttempts) => ({ result: "mismatch", remainingAttempts })),
        statements: 2,
      });
    });

    test("two calls with one mark, or one idempotency key, are never in one statement", async () => {
      const [one, other] = (await many(2, () => addCard(store))) as [Card, Card];
      const mark = freshMark();
      const changes = await together([one, other].map(({ id }) => change(changeOf(id, 0, { mark }))));
      assert.deepEqual(changes, { results: ["changed", "replayed"], statements: 2 });
      const spent = await together(
        [mark, mark].map(
          ({ keyId }) =>
            () =>
              store.spend({ mark: hashOf(one.id), keyId }, null),
        ),
      );
      assert.deepEqual(spent, { results: ["spent", "replayed"], statements: 2 });
      const { methods } = await addUser(store);
      const idempotencyKey = randomUUID();
      const signings = [idempotencyKey, idempotencyKey.toUpperCase()].map((key) =>
        signingOf(methods[0] ?? assert.fail(), { idempotencyKey: key }),
      );
      const signed = await together(signings.map((signing) => () => store.recordSigning(signing)));
      assert.deepEqual(signed, { results: ["match", "key_used"], statements: 2 });
    });

    test("a call that waits for another of its card is not overtaken by a third", async () => {
      const [one, other] = (await many(2, () => addCard(store))) as [Card, Card];
      const mark = freshMark();
      const changes = [changeOf(one.id, 0), changeOf(one.id, 1, { mark }), changeOf(other.id, 0, { mark })];
      assert.deepEqual((await together(changes.map(change))).results, ["changed", "changed", "replayed"]);
    });

    test("a call that the database refuses for its text fails alone; its neighbours never know", async () => {
      const cards = await many(10, () => addCard(store));
      const changes = [...cards.map(({ id }) => changeOf(id, 0)), changeOf("a card\0", 0)];
      assert.deepEqual(await together(changes.map(change)), {
        results: [...cards.map(() => "changed"), "request_invalid"],
        statements: 2,
      });
      const short = changeOf(cards[0]?.id ?? "", 1, { mark: { mark: new Uint8Array(31), keyId: "key-1" } });
      const sound = changeOf(cards[1]?.id ?? "", 1);
      assert.deepEqual(await together([change(short), change(sound)]), {
        results: ["internal", "changed"],
        statements: 2,
      });
    });

    test("a call that breaks a constraint fails alone; the others of its group are each done once", async () => {
      const cards = await many(10, () => addCard(store));
      const taken = event("taken");
      await store.appendAuditEvent(written("before").audit);
      await store.addOutboxEntry(taken);
      const spoilt = (id: string, outbox: Parameters<typeof written>[2]) =>
        changeOf(id, 0, { auditAndOutbox: written("changed", id, outbox) });
      const changes = cards.map(({ id }, index) => {
        if (index === 3) return spoilt(id, [taken]);
        return index === 7 ? spoilt(id, [{ ...event(id), payload: null }]) : changeOf(id, 0);
      });
      const { results } = await together(changes.map(change));
      const expected = cards.map((_, index) => ({ 3: "conflict", 7: "internal" })[index] ?? "changed");
      assert.deepEqual(results, expected);
      for (const [index, { id }] of cards.entries()) {
        const isChanged = expected[index] === "changed";
        assert.deepEqual(await eventsOf(store, id), isChanged ? ["card", "changed"] : ["card"]);
        assert.equal((await readCard(store, id)).pin.version, isChanged ? 1 : 0);
        assert.equal(await store.isReplayed(markOf(changes[index])), isChanged);
      }
    });

    test("events and outbox entries of a statement are in the order of the calls", async () => {
      const subjects = Array.from({ length: 100 }, (_, index) => `subject ${index % 7}`);
      const cardId = await addCard(store).then(({ id }) => id);
      const entries = subjects.map((subject, index) => {
        const { audit } = written(`${index}`, cardId);
        return { ...audit, subject };
      });
      const appended = await together(entries.map((entry) => () => store.appendAuditEvent(entry)));
      assert.equal(appended.statements, 1);
      const shards = await store.listAuditShards();
      for (const { shard, sequence } of shards) {
        const events = await store.listShardAuditEvents(shard, { afterSequence: sequence - 100n, limit: 100 });
        const own = events.filter((one) => one.cardId === cardId).map(({ content }) => JSON.parse(content).what);
        const numbers = own.filter((what) => what !== "card").map(Number);
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
      }
      const personId = await addPerson(store);
      const spends = Array.from({ length: 20 }, (_, index) => {
        const outbox = [event(personId, `{"n":${2 * index}}`), event(personId, `{"n":${2 * index + 1}}`)];
        return () => store.spend(freshMark(), written("spent", null, outbox));
      });
      assert.equal((await together(spends)).statements, 1);
      const reveals = Array.from({ length: 20 }, (_, index) => {
        const { audit } = written(`reveal ${index}`);
        return () => store.appendAuditEvent(audit, [event(personId, `{"n":${40 + index}}`)]);
      });
      assert.equal((await together(reveals)).statements, 1);
      const delivered: number[] = [];
      for (;;) {
        const claimed = await store.claimOutboxEntries({ at: later, claimedUntil: later, limit: 10_000 });
        const own = claimed.filter((entry) => entry.orderingKey === personId);
        for (const { payload } of own) delivered.push(JSON.parse(payload ?? "").n);
        if (claimed.length === 0) break;
        for (const { id } of claimed) await store.markDelivered(id, now);
      }
      assert.deepEqual(
        delivered,
        Array.from({ length: 60 }, (_, index) => index),
      );
    });

    test("30 changes of one card at once: 30 versions, and 30 events in their order", async () => {
      const { id } = await addCard(store);
      const changeOnce = async (): Promise<string> => {
        const { version } = (await readCard(store, id)).pin;
        const auditAndOutbox = written(`version ${version + 1}`, id);
        const result = await store.changePin(changeOf(id, version, { auditAndOutbox, pinHistoryLength: 100 }));
        return result === "conflict" ? changeOnce() : result;
      };
      assert.deepEqual(await many(30, changeOnce), Array(30).fill("changed"));
      const versions = Array.from({ length: 30 }, (_, index) => index + 1);
      assert.deepEqual(
        (await store.listPinHistory(id, 100)).map(({ version }) => version),
        versions.slice(0, -1).reverse(),
      );
      assert.deepEqual(
        (await eventsOf(store, id)).slice(1),
        versions.map((version) => `version ${version}`),
      );
    });
  });
}

type Card = Awaited<ReturnType<typeof addCard>>;
type Six<One> = [One, One, One, One, One, One];

function markOf(change: PinChange | undefined): Uint8Array {
  const mark = change?.mark ?? null;
  return mark !== null && "mark" in mark ? mark.mark : assert.fail("the change has a mark");
}
