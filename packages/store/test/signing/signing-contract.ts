import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import type { NewSigningMethod, Signing, SigningMethod, SigningUser, Store } from "@linchpin/store";
import { addPartner, eventsOf, freshId, freshMark, hashOf, now, written } from "../fresh-records.ts";

/** What every store must do with users and their signing methods. */
export function signingMethodContract(storeOf: () => Store): void {
  describe("signing methods", () => {
    test("a user is found and listed as it was added, with its methods", async () => {
      const store = storeOf();
      const partnerId = await addPartner(store);
      const [bare, user] = [await addUser(store, { partnerId, method: null }), await addUser(store, { partnerId })];
      assert.deepEqual(bare.methods, []);
      assert.equal(user.partnerId, partnerId);
      const method = firstOf(user);
      assert.deepEqual(
        { ...method, ...methodOf(method.id) },
        { ...methodOf(method.id), version: 1, incorrectAttempts: 0, needsRecovery: false },
      );
      assert.deepEqual(await store.findSigningMethod(method.id), { ...method, userId: user.id, partnerId });
      const byId = [bare, user].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const all = { reference: null, skip: 0, limit: 10 };
      assert.deepEqual(await store.listSigningUsers(partnerId, all), { users: byId, total: 2 });
      const second = { reference: null, skip: 1, limit: 1 };
      assert.deepEqual(await store.listSigningUsers(partnerId, second), { users: byId.slice(1), total: 2 });
      assert.deepEqual(await store.listSigningUsers("nobody", all), { users: [], total: 0 });
      assert.equal(await store.findSigningUser("nobody"), null);
      assert.equal(await store.findSigningMethod("none"), null);
    });

    test("a user of an unknown partner is refused; one that was sent with a spent mark leaves no trace", async () => {
      const store = storeOf();
      const mark = freshMark();
      const add = (partnerId: string, id: string) =>
        store.addSigningUser(
          { id, partnerId, reference: "r", method: methodOf(freshId("m")), createdAt: now },
          mark,
          written(id),
        );
      assert.equal(await add("nobody", freshId("user")), "partner_unknown");
      const partnerId = await addPartner(store);
      assert.equal(await add(partnerId, freshId("user")), "added");
      const late = freshId("user");
      assert.equal(await add(partnerId, late), "replayed");
      assert.equal(await store.findSigningUser(late), null);
    });

    test("a user has one PIN, one emergency code and many biometrics", async () => {
      const store = storeOf();
      const { id: userId } = await addUser(store);
      const add = (method: Partial<NewSigningMethod>) => addMethod(store, userId, method);
      assert.equal(await add({ type: "PIN" }), "exists");
      assert.equal(await add({ type: "EMERGENCY_CODE" }), "added");
      assert.equal(await add({ type: "EMERGENCY_CODE" }), "exists");
      for (const physicalDeviceId of ["phone", "phone", "tablet"])
        assert.equal(await add({ type: "BIOMETRIC", physicalDeviceId }), "added");
      assert.equal((await readUser(store, userId)).methods.length, 5);
      assert.equal(await addMethod(store, "nobody", {}), "unknown");
    });

    test("a refused method spends no mark; a replayed one is not added", async () => {
      const store = storeOf();
      const { id: userId } = await addUser(store);
      const mark = freshMark();
      assert.equal(await addMethod(store, userId, { type: "PIN" }, { mark }), "exists");
      assert.equal(await store.isReplayed(mark.mark), false);
      assert.equal(await addMethod(store, userId, { type: "EMERGENCY_CODE" }, { mark }), "added");
      assert.equal(
        await addMethod(store, userId, { type: "BIOMETRIC", physicalDeviceId: "phone" }, { mark }),
        "replayed",
      );
    });

    test("a right attempt resets the wrong ones before it, which are counted", async () => {
      const store = storeOf();
      const user = await addUser(store);
      const method = firstOf(user);
      const subject = freshId("subject");
      for (let wrong = 1; wrong <= 9; wrong++) {
        assert.equal(await store.recordSigning(signingOf(method, { matched: false }, subject)), "mismatch");
        assert.equal((await readMethod(store, method.id)).incorrectAttempts, wrong);
      }
      assert.equal(await store.recordSigning(signingOf(method, {}, subject)), "match");
      assert.equal((await readMethod(store, method.id)).incorrectAttempts, 0);
      assert.deepEqual(await eventsOf(store, subject), [...Array(9).fill("mismatch"), "match"]);
    });

    test("the last wrong attempt locks: a right value is refused then", async () => {
      const store = storeOf();
      const method = firstOf(await addUser(store));
      const subject = freshId("subject");
      const wrong = { matched: false, attemptsAllowed: 2 };
      assert.equal(await store.recordSigning(signingOf(method, wrong, subject)), "mismatch");
      assert.equal(await store.recordSigning(signingOf(method, wrong, subject)), "mismatch");
      assert.equal(await store.recordSigning(signingOf(method, { attemptsAllowed: 2 }, subject)), "locked");
      assert.equal((await readMethod(store, method.id)).incorrectAttempts, 2);
      assert.deepEqual(await eventsOf(store, subject), ["mismatch", "locking"]);
    });

    test("a mark is spent by an attempt, right or wrong, and by none that is refused before", async () => {
      const store = storeOf();
      const method = firstOf(await addUser(store));
      for (const matched of [true, false]) {
        const mark = freshMark();
        assert.equal(await store.recordSigning(signingOf(method, { mark, matched, version: 2 })), "conflict");
        assert.equal(await store.isReplayed(mark.mark), false);
        assert.equal(await store.recordSigning(signingOf(method, { mark, matched })), matched ? "match" : "mismatch");
        assert.equal(await store.recordSigning(signingOf(method, { mark })), "replayed");
      }
      assert.equal((await readMethod(store, method.id)).incorrectAttempts, 1, "a replay counts nothing");
    });

    test("an idempotency key is spent by a right attempt alone, per user, in either case", async () => {
      const store = storeOf();
      const [method, other] = [firstOf(await addUser(store)), firstOf(await addUser(store))];
      const idempotencyKey = randomUUID();
      const settle = (of: SigningMethod, signing: Partial<Signing> = {}) =>
        store.recordSigning(signingOf(of, { idempotencyKey, ...signing }));
      assert.equal(await settle(method, { matched: false }), "mismatch");
      assert.equal(await settle(method), "match");
      assert.equal(await settle(method), "key_used");
      assert.equal(await settle(method, { idempotencyKey: idempotencyKey.toUpperCase() }), "key_used");
      assert.equal(await settle(method, { matched: false }), "mismatch", "a wrong value counts whatever its key");
      assert.equal(await settle(other), "match");
    });

    test("an HMAC is renewed by a right attempt alone, and its version stays", async () => {
      const store = storeOf();
      const method = firstOf(await addUser(store));
      const renewedMac = { keyId: "key-2", bytes: hashOf("renewed") };
      await store.recordSigning(signingOf(method, { matched: false, renewedMac }));
      assert.deepEqual((await readMethod(store, method.id)).mac, method.mac);
      await store.recordSigning(signingOf(method, { renewedMac }));
      assert.deepEqual(await readMethod(store, method.id), {
        ...(await store.findSigningMethod(method.id)),
        mac: renewedMac,
        version: 1,
      });
    });

    test("a new value replaces the old one and unlocks", async () => {
      const store = storeOf();
      const user = await addUser(store);
      const method = firstOf(user);
      await store.recordSigning(signingOf(method, { matched: false, attemptsAllowed: 1 }));
      const mac = { keyId: "key-2", bytes: hashOf("new") };
      const update = { userId: user.id, methodId: method.id, mac, authorization: null, mark: null };
      const subject = freshId("subject");
      assert.equal(
        await store.updateSigningMethod({ ...update, auditAndOutbox: written("updated", subject) }),
        "updated",
      );
      const updated = await readMethod(store, method.id);
      assert.deepEqual([updated.mac, updated.version, updated.incorrectAttempts], [mac, 2, 0]);
      assert.deepEqual(await eventsOf(store, subject), ["updated"]);
      assert.equal(await store.recordSigning(signingOf(method)), "conflict", "compared with the old value");
      const stranger = await addUser(store);
      const refused = { ...update, userId: stranger.id, auditAndOutbox: written("refused") };
      assert.equal(await store.updateSigningMethod(refused), "unknown");
    });

    test("what a wrong attempt was to authorize is not done, and the attempt counts", async () => {
      const store = storeOf();
      const user = await addUser(store);
      const method = firstOf(user);
      const authorization = signingOf(method, { matched: false });
      assert.equal(await addMethod(store, user.id, { type: "EMERGENCY_CODE" }, { authorization }), "mismatch");
      const change = {
        userId: user.id,
        methodId: method.id,
        mac: { keyId: "key-2", bytes: hashOf("new") },
        mark: null,
      };
      const refused = written("refused");
      assert.equal(
        await store.updateSigningMethod({
          ...change,
          authorization: signingOf(method, { matched: false }),
          auditAndOutbox: refused,
        }),
        "mismatch",
      );
      const { methods } = await readUser(store, user.id);
      assert.deepEqual(methods, [{ ...method, incorrectAttempts: 2 }]);
    });

    test("what a right attempt authorizes is done once, with one audit event", async () => {
      const store = storeOf();
      const user = await addUser(store);
      const subject = freshId("subject");
      const signing = signingOf(firstOf(user), { idempotencyKey: randomUUID() });
      const authorization = { ...signing, auditAndOutbox: { ...signing.auditAndOutbox, match: null } };
      const add = (physicalDeviceId: string) =>
        addMethod(store, user.id, { type: "BIOMETRIC", physicalDeviceId }, { authorization }, subject);
      assert.equal(await add("phone"), "added");
      assert.equal(await add("tablet"), "key_used");
      assert.equal((await readUser(store, user.id)).methods.length, 2);
      assert.deepEqual(await eventsOf(store, subject), ["method"]);
    });

    test("a user gets another reference, or none, and is listed by it", async () => {
      const store = storeOf();
      const { id, partnerId } = await addUser(store);
      const listed = async (reference: string) =>
        (await store.listSigningUsers(partnerId, { reference, skip: 0, limit: 10 })).users.map((user) => user.id);
      const subject = freshId("subject");
      assert.equal(await store.setSigningUserReference(id, "another", written("updated", subject)), "set");
      assert.deepEqual([await listed("another"), await listed("anothe")], [[id], []]);
      assert.deepEqual(await eventsOf(store, subject), ["updated"]);
      assert.equal(await store.setSigningUserReference(id, null, written("updated")), "set");
      assert.deepEqual([(await readUser(store, id)).reference, await listed("another")], [null, []]);
      assert.equal(await store.setSigningUserReference("nobody", "r", written("refused", subject)), "unknown");
      assert.deepEqual(await eventsOf(store, subject), ["updated"]);
    });

    test("a method is deleted for good; a PIN and another user's method are not", async () => {
      const store = storeOf();
      const user = await addUser(store);
      await addMethod(store, user.id, { type: "EMERGENCY_CODE" });
      const [pin, code] = [firstOf(user), await codeOf(store, user.id)];
      const subject = freshId("subject");
      const remove = (methodId: string, userId = user.id, matched = true) =>
        store.deleteSigningMethod({
          userId,
          methodId,
          authorization: authorizationOf(pin, { matched }),
          auditAndOutbox: written("deleted", subject),
        });
      assert.equal(await remove(pin.id), "unknown");
      assert.equal(await remove(code.id, (await addUser(store)).id), "unknown");
      assert.equal(await remove(code.id, user.id, false), "mismatch");
      assert.deepEqual(await eventsOf(store, subject), []);
      assert.equal((await readUser(store, user.id)).methods.length, 2);
      assert.equal(await remove(code.id), "deleted");
      assert.equal(await store.findSigningMethod(code.id), null);
      assert.equal(await store.recordSigning(signingOf(code)), "conflict");
      assert.equal(await remove(code.id), "unknown");
      assert.deepEqual(await eventsOf(store, subject), ["deleted"]);
      assert.equal(await addMethod(store, user.id, { type: "EMERGENCY_CODE" }), "added");
    });

    test("a deleted user is found nowhere, nor are the methods, and gets no other", async () => {
      const store = storeOf();
      const user = await addUser(store);
      const { id: userId, partnerId } = user;
      const pin = firstOf(user);
      const subject = freshId("subject");
      const remove = (authorization: Signing | null) =>
        store.deleteSigningUser({ userId, authorization, auditAndOutbox: written("deleted", subject) });
      assert.equal(await remove(null), "authorization_missing");
      assert.equal(await remove(authorizationOf(pin, { matched: false })), "mismatch");
      assert.deepEqual([await eventsOf(store, subject), (await readUser(store, userId)).methods.length], [[], 1]);
      assert.equal(await remove(authorizationOf(pin, { idempotencyKey: randomUUID() })), "deleted");
      assert.deepEqual(await eventsOf(store, subject), ["deleted"]);
      assert.equal(await store.findSigningUser(userId), null);
      assert.equal(await store.findSigningMethod(pin.id), null);
      const { total } = await store.listSigningUsers(partnerId, { reference: null, skip: 0, limit: 10 });
      assert.equal(total, 0);
      assert.equal(await store.recordSigning(signingOf(pin)), "conflict");
      assert.equal(await addMethod(store, userId, { type: "PIN" }), "unknown");
      assert.equal(await store.setSigningUserReference(userId, "r", written("refused")), "unknown");
      assert.equal(await remove(null), "unknown");
    });

    test("a user without methods is deleted without authorization, however a first method arrives meanwhile", async () => {
      const store = storeOf();
      const partnerId = await addPartner(store);
      for (let round = 0; round < 10; round++) {
        const userId = freshId("user");
        const bare = { id: userId, partnerId, reference: null, method: null, createdAt: now };
        await store.addSigningUser(bare, null, written("user"));
        const [deleted, added] = await Promise.all([
          store.deleteSigningUser({ userId, authorization: null, auditAndOutbox: written("deleted") }),
          addMethod(store, userId, { type: "PIN" }),
        ]);
        const outcome = `${deleted}, ${added}`;
        assert.ok(["deleted, unknown", "authorization_missing, added"].includes(outcome), outcome);
        assert.equal((await store.findSigningUser(userId)) === null, deleted === "deleted");
      }
    });
  });
}

/** What must hold when many attempts arrive at once. `tally` counts the answers of calls made through both stores. */
export function signingMethodConcurrencyContract(
  storeOf: () => Store,
  tally: (count: number, call: (store: Store, index: number) => Promise<string>) => Promise<Record<string, number>>,
): void {
  test("of many wrong values of a signing method, as many count as are allowed", async () => {
    const method = firstOf(await addUser(storeOf()));
    const settle = (through: Store) => through.recordSigning(signingOf(method, { matched: false }));
    assert.deepEqual(await tally(50, settle), { mismatch: 10, locked: 40 });
    assert.equal((await readMethod(storeOf(), method.id)).incorrectAttempts, 10);
  });

  test("many right values all match", async () => {
    const method = firstOf(await addUser(storeOf()));
    assert.deepEqual(await tally(30, (through) => through.recordSigning(signingOf(method))), { match: 30 });
  });

  test("one idempotency key runs one request, one mark one attempt", async () => {
    const method = firstOf(await addUser(storeOf()));
    const idempotencyKey = randomUUID();
    const settle = (through: Store) => through.recordSigning(signingOf(method, { idempotencyKey }));
    assert.deepEqual(await tally(20, settle), { match: 1, key_used: 19 });
    const mark = freshMark();
    const replay = (through: Store) => through.recordSigning(signingOf(method, { mark, matched: false }));
    assert.deepEqual(await tally(20, replay), { mismatch: 1, replayed: 19 });
  });

  test("one of many PINs is a user's first", async () => {
    const { id } = await addUser(storeOf(), { method: null });
    assert.deepEqual(await tally(20, (through) => addMethod(through, id, {})), { added: 1, exists: 19 });
  });

  test("methods that authorize each other's change wait for nothing in a circle", async () => {
    const user = await addUser(storeOf());
    await addMethod(storeOf(), user.id, { type: "EMERGENCY_CODE" });
    const { methods } = await readUser(storeOf(), user.id);
    const [one, other] = [methods[0] ?? assert.fail(), methods[1] ?? assert.fail()];
    const change = async (through: Store, index: number) => {
      const [by, changed] = index % 4 < 2 ? [one, other] : [other, one];
      if (index % 3 === 0) return through.recordSigning(signingOf(by));
      const signing = signingOf(by);
      return through.updateSigningMethod({
        userId: user.id,
        methodId: changed.id,
        mac: { keyId: "key-1", bytes: hashOf(`${index}`) },
        mark: freshMark(),
        authorization: { ...signing, auditAndOutbox: { ...signing.auditAndOutbox, match: null } },
        auditAndOutbox: written("updated"),
      });
    };
    const { match = 0, updated = 0, conflict = 0 } = await tally(60, change);
    assert.ok(updated > 0);
    assert.equal(match + updated + conflict, 60);
  });
}

const methodOf = (id: string, method: Partial<NewSigningMethod> = {}): NewSigningMethod => ({
  id,
  type: "PIN",
  physicalDeviceId: null,
  mac: { keyId: "key-1", bytes: hashOf(id) },
  createdAt: now,
  ...method,
});

export async function addUser(
  store: Store,
  user: { partnerId?: string; method?: NewSigningMethod | null } = {},
): Promise<SigningUser> {
  const id = freshId("user");
  const partnerId = user.partnerId ?? (await addPartner(store));
  const method = user.method === undefined ? methodOf(freshId("method")) : user.method;
  const added = { id, partnerId, reference: "A user", method, createdAt: now };
  assert.equal(await store.addSigningUser(added, null, written("user")), "added");
  return readUser(store, id);
}

function addMethod(
  store: Store,
  userId: string,
  method: Partial<NewSigningMethod>,
  change: { authorization?: Signing; mark?: { mark: Uint8Array; keyId: string } } = {},
  subject: string | null = null,
) {
  return store.addSigningMethod({
    userId,
    method: methodOf(freshId("method"), method),
    authorization: null,
    mark: null,
    auditAndOutbox: written("method", subject),
    ...change,
  });
}

export function signingOf(
  method: Pick<SigningMethod, "id" | "version">,
  signing: Partial<Signing> = {},
  subject: string | null = null,
): Signing {
  return {
    methodId: method.id,
    version: method.version,
    matched: true,
    attemptsAllowed: 10,
    renewedMac: null,
    mark: null,
    idempotencyKey: null,
    at: now,
    auditAndOutbox: {
      match: written("match", subject),
      mismatch: written("mismatch", subject),
      locking: written("locking", subject),
    },
    ...signing,
  };
}

const firstOf = (user: SigningUser): SigningMethod => user.methods[0] ?? assert.fail("the user has a method");

async function readUser(store: Store, id: string): Promise<SigningUser> {
  return (await store.findSigningUser(id)) ?? assert.fail("the user is there");
}

async function readMethod(store: Store, id: string) {
  return (await store.findSigningMethod(id)) ?? assert.fail("the method is there");
}

async function codeOf(store: Store, userId: string): Promise<SigningMethod> {
  const { methods } = await readUser(store, userId);
  return methods.find(({ type }) => type === "EMERGENCY_CODE") ?? assert.fail("the user has an emergency code");
}

/** An attempt that authorizes a change, which writes the audit event of a match. */
function authorizationOf(method: SigningMethod, signing: Partial<Signing> = {}): Signing {
  const made = signingOf(method, signing);
  return { ...made, auditAndOutbox: { ...made.auditAndOutbox, match: null } };
}
