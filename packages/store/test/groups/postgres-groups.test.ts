import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type Card, type ReplayMark, type SessionMessage, type Store, verifyAuditChain } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { until } from "@linchpin/test-fixtures/system/until";
import { Client } from "pg";
import { type Database, openPostgresDatabase } from "../../src/database/index.ts";
import type { SigningMethodUpdate } from "../../src/signing/records.ts";
import { addCard, changeOf, eventsOf, freshId, freshMark, hashOf, readCard, written } from "../fresh-records.ts";
import { keyNote, keyOf } from "../keys/key-contract.ts";
import { sessionGroupContract } from "../sessions/session-group-contract.ts";
import { bindEffect, changeTo, codeOf, messageTo } from "../sessions/session-messages.ts";
import { sessionPartsContract } from "../sessions/session-parts-contract.ts";
import { addUser, signingOf } from "../signing/signing-contract.ts";
import { methodOf, signingGroupContract, updateOf } from "../signing/signing-group-contract.ts";
import { type CountedStore, countedStore, many } from "./counted-store.ts";
import { groupContract } from "./group-contract.ts";

groupContract("PostgreSQL", open);
sessionGroupContract("PostgreSQL", open);
sessionPartsContract("PostgreSQL", open);
signingGroupContract("PostgreSQL", open);

async function open() {
  const postgres = await openTestPostgres();
  const database = openPostgresDatabase({ url: await postgres.createMigratedDatabase() });
  const remove = async () => {
    await database.close();
    await postgres.stop();
  };
  return { database, remove };
}

describe("calls that share a statement, on PostgreSQL beside others", () => {
  let url: string;
  let stop: () => Promise<void>;
  let store: Store;
  let other: Client; // somebody else's connection
  const databases: Database[] = [];

  before(async () => {
    const postgres = await openTestPostgres();
    stop = () => postgres.stop();
    url = await postgres.createMigratedDatabase();
    ({ store } = await openStore());
    other = new Client(url);
    await other.connect();
  });
  after(async () => {
    assert.equal((await verifyAuditChain(store)).intact, true);
    await other.end();
    for (const database of databases) await database.close();
    await stop();
  });

  const openStore = async (settings: { url?: string; statementTimeoutMs?: number } = {}): Promise<CountedStore> => {
    const database = openPostgresDatabase({ url, ...settings });
    databases.push(database);
    return countedStore(database);
  };
  /** Runs `work` while somebody else has run `sql` in a transaction, which is then rolled back. */
  const whileOtherHolds = async <Result>(sql: string, parameters: unknown[], work: () => Promise<Result>) => {
    await other.query("begin");
    try {
      await other.query(sql, parameters);
      return await work();
    } finally {
      await other.query("rollback");
    }
  };
  const addCards = async (count: number) => (await many(count, () => addCard(store))).map(({ id }) => id);
  const versionsOf = (cards: readonly string[]) =>
    many(cards.length, async (index) => (await readCard(store, cards[index] ?? "")).pin.version);
  const lockHeads = "select from audit_shards for update";
  /** Waits until so many backends of the database wait for a lock, and returns the process id of one. */
  const waiters = async (count: number): Promise<number> => {
    let rows: { pid: number }[] = [];
    await until(async () => {
      await other.query("select pg_stat_clear_snapshot()"); // A transaction keeps what it saw of the activity.
      ({ rows } = await other.query(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      ));
      return rows.length >= count;
    });
    return rows[0]?.pid ?? assert.fail();
  };

  test("a card that somebody holds does not keep the others of its group", async () => {
    const [held = "", ...free] = await addCards(10);
    const { onHeld, results } = await whileOtherHolds(
      "select from cards where id = $1 for update",
      [held],
      async () => {
        const onHeld = store.changePin(changeOf(held, 0));
        return { onHeld, results: await Promise.all(free.map((id) => store.changePin(changeOf(id, 0)))) };
      },
    );
    assert.deepEqual(results, Array(9).fill("changed"));
    assert.equal(await onHeld, "changed");
    assert.deepEqual(await versionsOf([held, ...free]), Array(10).fill(1));
  });

  test("a mark that somebody is about to write does not keep the others of its group", async () => {
    const [held = "", ...free] = await addCards(10);
    const mark = freshMark();
    const insert = "insert into replay_marks values ($1, $2)";
    const { onHeld, results } = await whileOtherHolds(insert, [Buffer.from(mark.mark), mark.keyId], async () => {
      const onHeld = store.changePin(changeOf(held, 0, { mark }));
      return { onHeld, results: await Promise.all(free.map((id) => store.changePin(changeOf(id, 0)))) };
    });
    assert.deepEqual(results, Array(9).fill("changed"));
    assert.equal(await onHeld, "changed");
    assert.deepEqual(await versionsOf([held, ...free]), Array(10).fill(1));
  });

  for (const [what, sql, parameterOf] of [
    ["card", "select from cards where id = $1 for update", ({ cardId }) => cardId],
    ["key", "select from bound_keys where thumbprint = $1 for update", ({ device }) => device],
    [
      "session",
      "insert into spent_sessions values ($1, $1, 'revealed', null, now())",
      ({ sessionHash }) => Buffer.from(sessionHash),
    ],
  ] as [string, string, (message: SessionMessage) => unknown][])
    test(`a ${what} that somebody holds does not keep the other messages of its group`, async () => {
      const messages = await many(10, async () => {
        const card = await addCard(store);
        const effect = bindEffect();
        await store.spendSession(messageTo(card, { code: codeOf("none", true), effect }));
        return messageTo(card, { device: effect.thumbprint, version: 0, effect: changeTo("8264") });
      });
      const [held = assert.fail(), ...free] = messages;
      const { onHeld, outcomes } = await whileOtherHolds(sql, [parameterOf(held)], async () => {
        const onHeld = store.spendSession(held);
        const decided = await Promise.all(free.map((message) => store.spendSession(message)));
        return { onHeld, outcomes: decided.map(({ outcome }) => outcome) };
      });
      assert.deepEqual(outcomes, Array(9).fill("changed"));
      const { isFirst, outcome } = await onHeld;
      assert.deepEqual([isFirst, outcome], [true, "changed"]);
      assert.deepEqual(await versionsOf(messages.map(({ cardId }) => cardId)), Array(10).fill(1));
    });

  test("a person who is counted by somebody else does not keep the other messages of its group", async () => {
    const cards = await many(10, () => addCard(store));
    const guess = (card: Card) =>
      store.spendSession(messageTo(card, { code: codeOf("none", false), effect: bindEffect() }));
    const [held = assert.fail(), ...free] = cards;
    const sql = "update persons set wrong_session_codes = 7 where id = $1";
    const { onHeld, outcomes } = await whileOtherHolds(sql, [held.person.id], async () => {
      const onHeld = guess(held);
      const decided = await Promise.all(free.map(guess));
      return { onHeld, outcomes: decided.map(({ outcome }) => outcome) };
    });
    assert.deepEqual(outcomes, Array(9).fill("code_incorrect"));
    assert.equal((await onHeld).outcome, "code_incorrect");
  });

  for (const [what, sql, parametersOf] of [
    ["signing method", "select from signing_methods where id = $1 for update", ({ methodId }) => [methodId]],
    [
      "mark of an attempt",
      "insert into replay_marks values ($1, 'key-1')",
      ({ authorization }) => [authorization?.mark?.mark],
    ],
    ["mark of a change", "insert into replay_marks values ($1, 'key-1')", ({ mark }) => [mark?.mark]],
    [
      "idempotency key",
      "insert into idempotency_keys values ($1, $2, now())",
      ({ userId, authorization }) => [userId, authorization?.idempotencyKey],
    ],
  ] as [string, string, (update: SigningMethodUpdate) => unknown[]][])
    test(`a ${what} that somebody holds does not keep the other updates of its group`, async () => {
      const updates = (await many(10, () => addUser(store))).map((user) => updateOf(user));
      const [held = assert.fail(), ...free] = updates;
      const { onHeld, results } = await whileOtherHolds(sql, parametersOf(held), async () => {
        const onHeld = store.updateSigningMethod(held);
        return { onHeld, results: await Promise.all(free.map((update) => store.updateSigningMethod(update))) };
      });
      assert.deepEqual(results, Array(9).fill("updated"));
      assert.equal(await onHeld, "updated");
    });

  for (const [what, sql, parametersOf, expected] of [
    [
      "mark of an attempt",
      "insert into replay_marks values ($1, 'key-1')",
      ({ authorization }) => [authorization?.mark?.mark],
      "replayed",
    ],
    [
      "idempotency key",
      "insert into idempotency_keys values ($1, $2, now())",
      ({ userId, authorization }) => [userId, authorization?.idempotencyKey],
      "key_used",
    ],
  ] as [string, string, (update: SigningMethodUpdate) => unknown[], string][])
    test(`a ${what} that another server spends first: the mark of the change stays free, the others are updated`, async () => {
      const users = await many(10, () => addUser(store));
      const updates = users.map((user) => updateOf(user));
      const lost = updates[0] ?? assert.fail();
      const results = await whileOtherHolds(sql, parametersOf(lost), async () => {
        const calls = updates.map((update) => store.updateSigningMethod(update));
        await waiters(1);
        await other.query("commit");
        return Promise.all(calls);
      });
      assert.deepEqual(results, [expected, ...Array(9).fill("updated")]);
      assert.equal(await store.isReplayed(lost.mark?.mark ?? assert.fail()), false);
      assert.equal((await store.findSigningMethod(lost.methodId))?.version, 1);
      assert.deepEqual(await eventsOf(store, lost.userId), []);
      for (const user of users.slice(1)) {
        assert.equal((await store.findSigningMethod(methodOf(user).id))?.version, 2);
        assert.deepEqual(await eventsOf(store, user.id), ["updated"]);
      }
    });

  test("a connection that is cut while updates wait: each is unavailable, none runs again, nothing is spent", async () => {
    const updates = (await many(10, () => addUser(store))).map((user) => updateOf(user));
    const { store: cut, statements } = await openStore();
    const settled = await whileOtherHolds(lockHeads, [], async () => {
      const calls = Promise.allSettled(updates.map((update) => cut.updateSigningMethod(update)));
      await other.query("select pg_terminate_backend($1)", [await waiters(1)]);
      return calls;
    });
    assert.deepEqual(settled.map(errorCodeOf), Array(10).fill("unavailable"));
    assert.equal(statements(), 1);
    for (const { methodId, mark, authorization } of updates) {
      assert.equal((await store.findSigningMethod(methodId))?.version, 1);
      for (const one of [mark, authorization?.mark])
        assert.equal(await store.isReplayed(one?.mark ?? assert.fail()), false);
    }
  });

  test("groups of two servers whose updates have the same marks in other order do not wait in a circle", async () => {
    const { store: second } = await openStore();
    const marks = await many(40, async () => [freshMark(), freshMark()] as const);
    const [mine, theirs] = [await many(40, () => addUser(store)), await many(40, () => addUser(store))];
    const results = await Promise.all([
      ...mine.map((user, index) => {
        const [mark, changeMark] = marks[index] ?? assert.fail();
        return store.updateSigningMethod(updateOf(user, { mark }, { mark: changeMark }));
      }),
      ...theirs.map((user, index) => {
        const [mark, changeMark] = marks.at(-1 - index) ?? assert.fail();
        return second.updateSigningMethod(updateOf(user, { mark: changeMark }, { mark }));
      }),
    ]);
    // Of each pair of messages, one update has both marks; the other is replayed, as its attempt or its change.
    assert.equal(results.filter((result) => result === "updated").length, 40);
    assert.equal(results.filter((result) => result === "replayed").length, 40);
    assert.deepEqual(
      mine.map((_, index) => [results[index], results[79 - index]].toSorted()),
      mine.map(() => ["replayed", "updated"]),
    );
  });

  test("a connection that is cut while messages wait: each is unavailable, none runs again, nothing is spent", async () => {
    const messages = await many(10, async () => messageTo(await addCard(store)));
    const { store: cut, statements } = await openStore();
    const settled = await whileOtherHolds(lockHeads, [], async () => {
      const calls = Promise.allSettled(messages.map((message) => cut.spendSession(message)));
      await other.query("select pg_terminate_backend($1)", [await waiters(1)]);
      return calls;
    });
    assert.deepEqual(settled.map(errorCodeOf), Array(10).fill("unavailable"));
    assert.equal(statements(), 1);
    for (const { sessionHash } of messages) assert.equal(await store.findSpentSession(sessionHash), null);
  });

  test("groups of two servers with the same sessions on different cards do not wait for each other in a circle", async () => {
    const servers = [await openStore(), await openStore()] as const;
    const statements = () => servers[0].statements() + servers[1].statements();
    /** Returns how many statements two groups of 40 took. */
    const round = async () => {
      const [mine, theirs] = [await many(40, () => addCard(store)), await many(40, () => addCard(store))];
      const messages = mine.map((card) => messageTo(card));
      const middle = messages[20] ?? assert.fail();
      const before = statements();
      // Somebody else holds the middle session until each group has written the sessions before it, in its own order.
      const insert = "insert into spent_sessions values ($1, $1, 'revealed', null, now())";
      const calls = await whileOtherHolds(insert, [Buffer.from(middle.sessionHash)], async () => {
        const calls = [
          ...messages.map((message) => servers[0].store.spendSession(message)),
          ...theirs.map((card, index) => {
            const { sessionHash } = messages.at(-1 - index) ?? assert.fail();
            return servers[1].store.spendSession({ ...messageTo(card), sessionHash });
          }),
        ];
        await waiters(2);
        return calls;
      });
      const decisions = await Promise.all(calls);
      assert.equal(decisions.filter(({ isFirst }) => isFirst).length, 40);
      return statements() - before;
    };
    // As for marks above: a round in which this machine is too slow to let go in time ends like a circle.
    for (let rounds = 0; (await round()) !== 2; rounds++)
      assert.ok(rounds < 30, "no two groups ever passed each other");
  });

  test("a connection that is cut while a group waits: each call is unavailable, none runs again, nothing is written", async () => {
    const cards = await addCards(10);
    const { store: cut, statements } = await openStore();
    const settled = await whileOtherHolds(lockHeads, [], async () => {
      const calls = Promise.allSettled(cards.map((id) => cut.changePin(changeOf(id, 0))));
      await other.query("select pg_terminate_backend($1)", [await waiters(1)]);
      return calls;
    });
    assert.deepEqual(settled.map(errorCodeOf), Array(10).fill("unavailable"));
    assert.equal(statements(), 1);
    assert.deepEqual(await versionsOf(cards), Array(10).fill(0));
  });

  test("an answer that is lost after the commit: each call is unavailable, none runs again, each was done once", async () => {
    const cards = await addCards(10);
    const wire = await openWire(url);
    const { store: cut, statements } = await openStore({ url: wire.url });
    await cut.ping();
    const before = statements();
    const settled = await whileOtherHolds(lockHeads, [], async () => {
      const calls = Promise.allSettled(cards.map((id) => cut.changePin(changeOf(id, 0))));
      await waiters(1);
      wire.holdAnswers();
      await other.query("rollback"); // The group goes on, and is committed.
      while ((await versionsOf(cards)).some((version) => version === 0));
      wire.cut();
      return calls;
    });
    assert.deepEqual(settled.map(errorCodeOf), Array(10).fill("unavailable"));
    assert.equal(statements() - before, 1);
    assert.deepEqual(await versionsOf(cards), Array(10).fill(1));
    for (const id of cards) assert.deepEqual(await eventsOf(store, id), ["card", "changed"]);
    await wire.close();
  });

  test("a group that takes too long: each call is unavailable, none runs again", async () => {
    const cards = await addCards(10);
    const { store: slow, statements } = await openStore({ statementTimeoutMs: 300 });
    const calls = () => Promise.allSettled(cards.map((id) => slow.changePin(changeOf(id, 0))));
    const settled = await whileOtherHolds(lockHeads, [], calls);
    assert.deepEqual(settled.map(errorCodeOf), Array(10).fill("unavailable"));
    assert.equal(statements(), 1);
    assert.deepEqual(await versionsOf(cards), Array(10).fill(0));
  });

  test("when the database does not keep up, calls beyond those that may wait are refused; the others are answered", async () => {
    const { store: busy } = await openStore();
    const lockTable = "lock table replay_marks in access exclusive mode";
    const { calls, refused } = await whileOtherHolds(lockTable, [], async () => {
      const first = busy.isReplayed(freshMark().mark);
      await waiters(1);
      const calls = Array.from({ length: 2500 }, () => busy.isReplayed(freshMark().mark));
      const refused = await Promise.allSettled(calls.slice(2000));
      return { calls: [first, ...calls.slice(0, 2000)], refused };
    });
    assert.deepEqual(refused.map(errorCodeOf), Array(500).fill("unavailable"));
    assert.deepEqual(await Promise.all(calls), Array(2001).fill(false));
  });

  test("groups of two servers with the same marks on different cards do not wait for each other in a circle", async () => {
    const servers = [await openStore(), await openStore()] as const;
    const statements = () => servers[0].statements() + servers[1].statements();
    /** Returns how many statements two groups of 40 took. */
    const round = async () => {
      const [mine, theirs] = [await addCards(40), await addCards(40)];
      const marks = mine.map(() => freshMark());
      const [middle = freshMark()] = marks.slice(20);
      const before = statements();
      // Somebody else holds the middle mark until each group has written the marks before it, in its own order.
      const insert = "insert into replay_marks values ($1, $2)";
      const calls = await whileOtherHolds(insert, [Buffer.from(middle.mark), middle.keyId], async () => {
        const change = ({ store }: CountedStore, id: string, mark = middle) =>
          store.changePin(changeOf(id, 0, { mark }));
        const calls = [
          ...mine.map((id, index) => change(servers[0], id, marks[index])),
          ...theirs.map((id, index) => change(servers[1], id, marks.at(-1 - index))),
        ];
        await waiters(2);
        return calls;
      });
      const results = await Promise.all(calls);
      assert.equal(results.filter((result) => result === "changed").length, 40);
      assert.equal(results.filter((result) => result === "replayed").length, 40);
      return statements() - before;
    };
    // In a circle both groups would run into their time-outs, and their calls would run alone, in each round. A round
    // in which this machine is too slow to let go of the middle mark in time ends so too.
    for (let rounds = 0; (await round()) !== 2; rounds++)
      assert.ok(rounds < 30, "no two groups ever passed each other");
  });

  test("two servers that make the same first keys in opposite order share a statement each, and do not wait in a circle", async () => {
    const servers = [await openStore(), await openStore()] as const;
    const purposes = Array.from({ length: 40 }, () => freshId("purpose")).toSorted();
    const insert = `insert into keys (id, purpose, version, algorithm, vault, handle, created_at)
      values ('held', $1, 1, '', '', '', now())`;
    const calls = await whileOtherHolds(insert, [purposes[20]], async () => {
      const add =
        ({ store }: CountedStore) =>
        (purpose: string) =>
          store.addKey(keyOf(purpose, 1), keyNote("made"));
      const calls = [...purposes.map(add(servers[0])), ...purposes.toReversed().map(add(servers[1]))];
      await waiters(2);
      return calls;
    });
    const results = await Promise.all(calls);
    assert.equal(results.filter((result) => result === "added").length, 40);
    assert.equal(results.filter((result) => result === "version_taken").length, 40);
    assert.deepEqual([servers[0].statements(), servers[1].statements()], [1, 1]);
  });

  test("changes of signing methods with the same two marks, one's first the other's second, do not wait in a circle", async () => {
    const { store: second } = await openStore();
    const update = async (server: Store, attemptMark: ReplayMark, mark: ReplayMark) => {
      const { id: userId, methods } = await addUser(store);
      const signing = signingOf(methods[0] ?? assert.fail(), { mark: attemptMark });
      const authorization = { ...signing, auditAndOutbox: { ...signing.auditAndOutbox, match: null } };
      const mac = { keyId: "key-1", bytes: hashOf(userId) };
      const change = { userId, methodId: signing.methodId, mac, mark, authorization };
      return () => server.updateSigningMethod({ ...change, auditAndOutbox: written("updated") });
    };
    // Which of the two goes on first when the mark is let go is chance: a circle shows in about every second round.
    for (let round = 0; round < 12; round++) {
      const [low, high] = [freshMark(), freshMark()].toSorted((one, other) => Buffer.compare(one.mark, other.mark)) as [
        ReplayMark,
        ReplayMark,
      ];
      const updates = [await update(store, low, high), await update(second, high, low)];
      const insert = "insert into replay_marks values ($1, $2)";
      const calls = await whileOtherHolds(insert, [Buffer.from(low.mark), low.keyId], async () => {
        const calls = updates.map((call) => call());
        await waiters(2);
        return calls;
      });
      assert.deepEqual((await Promise.all(calls)).toSorted(), ["replayed", "updated"]);
    }
  });

  test("two servers with the same idempotency key update one method, and lose no mark of the other's change", async () => {
    const { store: second } = await openStore();
    const { id: userId } = await addUser(store);
    for (let round = 0; round < 20; round++) {
      const { methods } = (await store.findSigningUser(userId)) ?? assert.fail();
      const [method = assert.fail()] = methods;
      const key = randomUUID();
      const marks = [freshMark(), freshMark()];
      const update = (server: Store, mark: ReplayMark | undefined) => {
        const signing = signingOf(method, { mark: freshMark(), idempotencyKey: key });
        const authorization = { ...signing, auditAndOutbox: { ...signing.auditAndOutbox, match: null } };
        const change = { userId, methodId: method.id, mac: method.mac, mark: mark ?? assert.fail(), authorization };
        return server.updateSigningMethod({ ...change, auditAndOutbox: written("updated") });
      };
      const results = await Promise.all([update(store, marks[0]), update(second, marks[1])]);
      assert.equal(results.filter((result) => result === "updated").length, 1);
      // Who was not the first finds another version, or the key used.
      const last = results.findIndex((result) => result !== "updated");
      assert.match(results[last] ?? "", /^(conflict|key_used)$/);
      assert.equal(await store.isReplayed(marks[last]?.mark ?? assert.fail()), false);
    }
  });

  test("groups of two servers on the same cards change each card once", async () => {
    const { store: second } = await openStore();
    const cards = await addCards(100);
    const results = await Promise.all([
      ...cards.map((id) => store.changePin(changeOf(id, 0))),
      ...cards.toReversed().map((id) => second.changePin(changeOf(id, 0))),
    ]);
    assert.equal(results.filter((result) => result === "changed").length, 100);
    assert.equal(results.filter((result) => result === "conflict").length, 100);
    for (const id of cards) assert.deepEqual(await eventsOf(store, id), ["card", "changed"]);
  });

  test("a refusal's event that waits for a head does not keep reads, nor writes of other kinds that need no head", async () => {
    const mark = freshMark();
    const { event, spent } = await whileOtherHolds(lockHeads, [], async () => {
      const event = store.appendAuditEvent(written("refused").audit);
      await waiters(1);
      return { event, spent: await store.spend(mark, null) };
    });
    assert.equal(spent, "spent");
    assert.equal(await event, undefined);
  });
});

function errorCodeOf(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === "fulfilled") return "fulfilled";
  return settled.reason instanceof LinchpinError ? settled.reason.code : `${settled.reason}`;
}

/** A wire to the database of `url` on which answers can be held back, and which can be cut. */
async function openWire(url: string) {
  const { hostname, port, pathname, username } = new URL(url);
  const sockets: Socket[] = [];
  let isHolding = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    sockets.push(near, far);
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => isHolding || near.write(chunk));
    for (const [one, another] of [[near, far] as const, [far, near] as const]) {
      one.on("error", () => another.destroy());
      one.on("close", () => another.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the wire has no port");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `postgres://${username}@127.0.0.1:${address.port}${pathname}`,
    holdAnswers: () => {
      isHolding = true;
    },
    cut,
    close: async () => {
      cut();
      server.close();
    },
  };
}
