import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Database } from "../src/database.ts";
import { openPostgresDatabase } from "../src/postgres-database.ts";
import { execute, startPostgresCluster } from "./postgres-cluster.ts";

describe("a database on PostgreSQL", () => {
  let url: string;
  let stop: () => Promise<void>;
  let database: Database;
  before(async () => {
    const cluster = await startPostgresCluster();
    stop = () => cluster.stop();
    url = await cluster.createDatabase();
    database = openPostgresDatabase({ url, maxConnections: 1, connectionTimeoutMs: 200, statementTimeoutMs: 400 });
    await database.execute("create table things (id int primary key, secret text check (secret <> 'forbidden'))");
  });
  after(async () => {
    await database.close();
    await stop();
  });

  test("numbers of 64 bits, bytes and times come back as they went", async () => {
    const values = [2n ** 62n, new Uint8Array([0, 255]), new Date("2026-11-22T10:00:00.123Z"), ["a", '"b,']];
    const [row] = await database.query<object>(
      "select $1::int8 as a, $2::bytea as b, $3::timestamptz as c, $4::text[] as d, $5::jsonb as e",
      [...values, '{"e":[1]}'],
    );
    assert.deepEqual(Object.values(row ?? {}), [...values, { e: [1] }]);
  });

  for (const prepareStatements of [true, false])
    test(`a connection ${prepareStatements ? "keeps" : "does not keep"} the plans of its statements`, async () => {
      const other = openPostgresDatabase({ url, maxConnections: 1, prepareStatements });
      try {
        for (const id of [1, 2, 3]) await other.query("select $1::int", [id]);
        const kept = await other.query("select from pg_prepared_statements where statement = 'select $1::int'");
        assert.equal(kept.length, prepareStatements ? 1 : 0);
      } finally {
        await other.close();
      }
    });

  test("out of connections is unavailable, and passes", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const holding = database.transaction(() => promise);
    await assert.rejects(database.query("select 1"), isCode("unavailable"));
    resolve();
    await holding;
    await assert.doesNotReject(database.query("select 1"));
  });

  test("a statement that takes too long is unavailable, and its connection goes on", async () => {
    const before = await backend(database);
    await assert.rejects(database.query("select pg_sleep(5)"), isCode("unavailable", /57014/));
    assert.equal(typeof (await backend(database)), typeof before);
  });

  test("a connection that was cut is unavailable, and the next statement has another", async () => {
    const before = await backend(database);
    const cut = assert.rejects(database.query("select pg_sleep(0.3)"), isCode("unavailable"));
    await execute(url, `select pg_terminate_backend(${before})`);
    await cut;
    assert.notEqual(await backend(database), before);
  });

  test("an idle connection that was cut does not end the process", async () => {
    const before = await backend(database);
    await execute(url, `select pg_terminate_backend(${before})`);
    while ((await backend(database).catch(() => before)) === before);
    assert.notEqual(await backend(database), before);
  });

  test("a connection that was cut between two statements of a transaction is unavailable, and does not end the process", async () => {
    const cut = database.transaction(async (transaction) => {
      const [row] = await transaction.query<{ pid: number }>("select pg_backend_pid() as pid");
      await execute(url, `select pg_terminate_backend(${row?.pid})`);
      await transaction.query("select 1");
    });
    await assert.rejects(cut, isCode("unavailable"));
    await assert.doesNotReject(database.query("select 1"));
  });

  test("statements follow one another on a connection, and the refusal of one is its own", async () => {
    const statements = Array.from({ length: 50 }, (_, index) =>
      database.query<{ pid: number; index: number }>(
        "select pg_backend_pid() as pid, 60 / (30 - $1::int) * 0 + $1 as index",
        [index],
      ),
    );
    const settled = await Promise.allSettled(statements);
    const [row] = (await statements[0]) ?? [];
    for (const [index, outcome] of settled.entries()) {
      if (index === 30) assert.ok(outcome.status === "rejected" && isCode("internal", /22012/)(outcome.reason));
      else assert.deepEqual(outcome, { status: "fulfilled", value: [{ pid: row?.pid, index }] });
    }
  });

  test("statements that follow one another and are cut off are unavailable, all of them, and the next has another", async () => {
    const before = await backend(database);
    const statements = [0, 1, 2].map(() =>
      assert.rejects(database.query("select pg_sleep(0.2)"), isCode("unavailable")),
    );
    await execute(url, `select pg_terminate_backend(${before})`);
    await Promise.all(statements);
    assert.notEqual(await backend(database), before);
  });

  test("a transaction has its turn among statements that never cease", async () => {
    let isOver = false;
    const ceaseless = [1, 2, 3].map(async () => {
      while (!isOver) await database.query("select 1");
    });
    await database.transaction((transaction) => transaction.query("select 1"));
    isOver = true;
    await Promise.all(ceaseless);
  });

  test("what is under way when the database is closed ends first", async () => {
    const other = openPostgresDatabase({ url, maxConnections: 1 });
    const statements = [other.query("select pg_sleep(0.1)"), other.query("select 1")];
    await other.query("select 1");
    const last = other.query("select pg_sleep(0.1)");
    await other.close();
    await Promise.all([...statements, last]);
    await assert.rejects(other.query("select 1"), isCode("unavailable"));
  });

  test("a unique violation is a conflict, and keeps the connection", async () => {
    const before = await backend(database);
    await database.query("insert into things values (1)");
    await assert.rejects(database.query("insert into things values (1)"), isCode("conflict", /things_pkey/));
    assert.equal(await backend(database), before);
  });

  test("a refusal does not quote the row", async () => {
    await assert.rejects(database.query("insert into things values (770077, $1)", ["forbidden"]), (error) => {
      assert.ok(isCode("internal", /23514.*things_secret_check/)(error));
      assert.doesNotMatch(`${error.stack} ${error.reason} ${error.cause}`, /770077|forbidden/);
      return true;
    });
  });

  test("a transaction that fails leaves nothing, and keeps the connection", async () => {
    const before = await backend(database);
    const failing = database.transaction(async (transaction) => {
      await transaction.query("insert into things values (2)");
      throw new RangeError("no");
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await database.query("select from things where id = 2"), []);
    assert.equal(await backend(database), before);
  });
});

async function backend(database: Database): Promise<number | undefined> {
  return (await database.query<{ pid: number }>("select pg_backend_pid() as pid"))[0]?.pid;
}

function isCode(code: string, reason = /./): (error: unknown) => error is LinchpinError {
  return (error): error is LinchpinError =>
    error instanceof LinchpinError && error.code === code && reason.test(error.reason ?? "");
}
