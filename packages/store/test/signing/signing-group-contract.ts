import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import type { Signing, SigningMethod, SigningUser, Store } from "@linchpin/store";
import type { SigningMethodUpdate } from "../../src/signing/records.ts";
import { event, eventsOf, freshId, freshMark, hashOf, written } from "../fresh-records.ts";
import { many, type OpenDatabase, runTogether, useCountedStore } from "../groups/counted-store.ts";
import { addUser, signingOf } from "./signing-contract.ts";

/** What every store must do with updates of signing methods that share a statement. `open` is called once, for a migrated database. */
export function signingGroupContract(name: string, open: OpenDatabase): void {
  describe(`updates of signing methods that share a statement: ${name}`, () => {
    let store: Store;
    let statements: () => number;
    useCountedStore(open, (counted) => {
      ({ store, statements } = counted);
    });
    const together = (updates: readonly SigningMethodUpdate[]) =>
      runTogether(
        statements,
        updates.map((update) => () => store.updateSigningMethod(update)),
      );
    const isSpent = (mark: { mark: Uint8Array } | null | undefined) => store.isReplayed(mark?.mark ?? assert.fail());
    const methodsOf = async (users: readonly SigningUser[]): Promise<SigningMethod[]> =>
      Promise.all(users.map(async ({ id }) => methodOf((await store.findSigningUser(id)) ?? assert.fail())));

    for (const count of [1, 2, 100])
      test(`${count} updates in one turn are one statement, each with its value, marks, key and event`, async () => {
        const users = await many(count, () => addUser(store));
        const updates = users.map((user) => updateOf(user));
        assert.deepEqual(await together(updates), { results: users.map(() => "updated"), statements: 1 });
        for (const [index, method] of (await methodsOf(users)).entries()) {
          const update = updates[index] ?? assert.fail();
          assert.deepEqual([method.version, method.mac], [2, update.mac]);
          assert.deepEqual(await eventsOf(store, update.userId), ["updated"]);
          assert.deepEqual([await isSpent(update.mark), await isSpent(update.authorization?.mark)], [true, true]);
        }
        const again = users.map((user, index) => {
          const authorization = updates[index]?.authorization ?? assert.fail();
          return updateOf(user, { version: 2, idempotencyKey: authorization.idempotencyKey });
        });
        assert.deepEqual(
          (await together(again)).results,
          users.map(() => "key_used"),
        );
      });

    test("updates with different outcomes share a statement: each has its own, and writes what it would alone", async () => {
      const users = await many(11, () => addUser(store));
      const [right, wrong, last, locked, stale, keyUsed, replayed, changeReplayed, sameMark, foreign, plain] =
        users as Eleven<SigningUser>;
      const [key, mark, ...spent] = [randomUUID(), freshMark(), freshMark(), freshMark()];
      for (const one of spent) await store.spend(one, null);
      await store.recordSigning(signingOf(methodOf(keyUsed), { idempotencyKey: key }));
      for (const user of [locked, right, plain])
        await store.recordSigning(signingOf(methodOf(user), { matched: false }));
      const updates = [
        updateOf(right),
        updateOf(wrong, { matched: false }),
        updateOf(last, { matched: false, attemptsAllowed: 1 }),
        updateOf(locked, { attemptsAllowed: 1 }),
        updateOf(stale, { version: 2 }),
        updateOf(keyUsed, { idempotencyKey: key }),
        updateOf(replayed, { mark: spent[0] ?? null }),
        updateOf(changeReplayed, {}, { mark: spent[1] ?? null }),
        updateOf(sameMark, { mark }, { mark }),
        updateOf(foreign, {}, { userId: right.id }),
        updateOf(plain, { mark: null, idempotencyKey: null }, { mark: null }),
      ];
      assert.deepEqual(await together(updates), {
        results: [
          "updated",
          "mismatch",
          "mismatch",
          "locked",
          "conflict",
          "key_used",
          "replayed",
          "replayed",
          "replayed",
          "unknown",
          "updated",
        ],
        statements: 1,
      });
      const after = await methodsOf(users);
      assert.deepEqual(
        after.map(({ version, incorrectAttempts }) => [version, incorrectAttempts]),
        [
          [2, 0],
          [1, 1],
          [1, 1],
          [1, 1],
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
          [2, 0],
        ],
      );
      const events = await Promise.all(
        updates.map(({ auditAndOutbox }) => eventsOf(store, auditAndOutbox.audit.subject)),
      );
      assert.deepEqual(events, [["updated"], ["mismatch"], ["locking"], [], [], [], [], [], [], [], ["updated"]]);
      // An attempt that is decided spends its mark; the mark of a change that is not made is free.
      const spentOf = (of: (update: SigningMethodUpdate) => { mark: Uint8Array } | null | undefined) =>
        Promise.all(updates.slice(0, -1).map((update) => isSpent(of(update))));
      assert.deepEqual(await spentOf(({ authorization }) => authorization?.mark), [
        ...[true, true, true, true, false],
        ...[true, true, true, true, true],
      ]);
      assert.deepEqual(await spentOf((update) => update.mark), [
        ...[true, false, false, false, false],
        ...[false, false, true, true, false],
      ]);
    });

    test("a method that authorizes the update of another is reset and renewed, and keeps its version", async () => {
      const user = await addUser(store);
      const pin = methodOf(user);
      const code = { ...pin, id: freshId("method"), type: "EMERGENCY_CODE" as const };
      const added = { userId: user.id, method: code, authorization: null, mark: null };
      await store.addSigningMethod({ ...added, auditAndOutbox: written("method") });
      for (const { id, version } of [pin, code])
        await store.recordSigning(signingOf({ id, version }, { matched: false }));
      const renewedMac = { keyId: "key-2", bytes: hashOf("renewed") };
      const update = updateOf(user, { renewedMac }, { methodId: code.id });
      assert.deepEqual(await together([update]), { results: ["updated"], statements: 1 });
      const { methods } = (await store.findSigningUser(user.id)) ?? assert.fail();
      const found = new Map(methods.map((method) => [method.id, method]));
      assert.deepEqual(found.get(pin.id), { ...pin, mac: renewedMac });
      const { mac, version, incorrectAttempts } = found.get(code.id) ?? assert.fail();
      assert.deepEqual([mac, version, incorrectAttempts], [update.mac, 2, 0]);
    });

    test("a method that is not found is looked for alone, where nobody else's lock hides it", async () => {
      const [one, other] = (await many(2, () => addUser(store))) as [SigningUser, SigningUser];
      assert.deepEqual(
        await together([updateOf(one, {}, { methodId: "none" }), updateOf(other, { methodId: "nothing" })]),
        {
          results: ["unknown", "conflict"],
          statements: 3,
        },
      );
    });

    test("two updates with one method, mark or idempotency key are never in one statement", async () => {
      const [one, other] = (await many(2, () => addUser(store))) as [SigningUser, SigningUser];
      assert.deepEqual(await together([1, 1, 2].map((version) => updateOf(one, { version }))), {
        results: ["updated", "conflict", "updated"],
        statements: 3,
      });
      const mark = freshMark();
      assert.deepEqual(await together([updateOf(one, { version: 3, mark }), updateOf(other, {}, { mark })]), {
        results: ["updated", "replayed"],
        statements: 2,
      });
      const keys = [randomUUID()].flatMap((key) => [key, key.toUpperCase()]);
      const withKeys = keys.map((idempotencyKey, index) => updateOf(other, { idempotencyKey, version: 1 + index }));
      assert.deepEqual(await together(withKeys), { results: ["updated", "key_used"], statements: 2 });
    });

    test("an update that the database refuses fails alone; the others of its group are each done once", async () => {
      const users = await many(10, () => addUser(store));
      const taken = event("taken");
      await store.addOutboxEntry(taken);
      const updates = users.map((user, index) => {
        if (index === 3) return updateOf(user, {}, { auditAndOutbox: written("updated", user.id, [taken]) });
        return updateOf(user, {}, index === 7 ? { mac: { keyId: "key\0", bytes: hashOf("new") } } : {});
      });
      const { results } = await together(updates);
      const expected = users.map((_, index) => ({ 3: "conflict", 7: "request_invalid" })[index] ?? "updated");
      assert.deepEqual(results, expected);
      for (const [index, { version }] of (await methodsOf(users)).entries()) {
        const isUpdated = expected[index] === "updated";
        const { userId, mark, authorization } = updates[index] ?? assert.fail();
        assert.equal(version, isUpdated ? 2 : 1);
        assert.deepEqual(await eventsOf(store, userId), isUpdated ? ["updated"] : []);
        assert.deepEqual([await isSpent(mark), await isSpent(authorization?.mark)], [isUpdated, isUpdated]);
      }
    });

    test("30 updates of one method at once: 30 versions, and 30 events in their order", async () => {
      const user = await addUser(store);
      const updateOnce = async (): Promise<string> => {
        const { version } = (await store.findSigningMethod(methodOf(user).id)) ?? assert.fail();
        const auditAndOutbox = written(`version ${version + 1}`, user.id);
        const result = await store.updateSigningMethod(updateOf(user, { version }, { auditAndOutbox }));
        return result === "conflict" ? updateOnce() : result;
      };
      assert.deepEqual(await many(30, updateOnce), Array(30).fill("updated"));
      assert.equal((await methodsOf([user]))[0]?.version, 31);
      assert.deepEqual(
        await eventsOf(store, user.id),
        Array.from({ length: 30 }, (_, index) => `version ${index + 2}`),
      );
    });
  });
}

/** A new value of a user's method, authorized by the method itself. Its audit events are of the user. */
export function updateOf(
  user: SigningUser,
  signing: Partial<Signing> = {},
  update: Partial<SigningMethodUpdate> = {},
): SigningMethodUpdate {
  const method = methodOf(user);
  const attempt = signingOf(method, { mark: freshMark(), idempotencyKey: randomUUID(), ...signing }, user.id);
  return {
    userId: user.id,
    methodId: method.id,
    mac: { keyId: "key-2", bytes: hashOf(randomUUID()) },
    mark: freshMark(),
    authorization: { ...attempt, auditAndOutbox: { ...attempt.auditAndOutbox, match: null } },
    auditAndOutbox: written("updated", user.id),
    ...update,
  };
}

export function methodOf({ methods: [method] }: SigningUser): SigningMethod {
  return method ?? assert.fail("the user has a method");
}

type Eleven<One> = [One, One, One, One, One, One, One, One, One, One, One];
