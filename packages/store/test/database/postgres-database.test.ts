import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import type { Database } from "../../src/database/database.ts";
import { openPostgresDatabase } from "../../src/database/postgres-database.ts";
import { backend, databaseContract, isCode } from "./database-contract.ts";

databaseContract("PostgreSQL", async () => {
  const postgres = await openTestPostgres();
  const database = openPostgresDatabase({ url: await postgres.createDatabase(), maxConnections: 1 });
  return { database, remove: () => postgres.stop() };
});

describe("a database on PostgreSQL, over a wire", () => {
  let url: string;
  let stop: () => Promise<void>;
  let database: Database;
  before(async () => {
    const postgres = await openTestPostgres();
    stop = () => postgres.stop();
    url = await postgres.createDatabase();
    database = openPostgresDatabase({ url, maxConnections: 1, connectionTimeoutMs: 1000, statementTimeoutMs: 400 });
  });
  after(async () => {
    await database.close();
    await stop();
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

  test("a statement whose columns have changed is refused, and its rows are not read as what they were", async () => {
    await database.execute("create table changed (value int); insert into changed values (1)");
    for (let run = 0; run < 2; run++)
      assert.deepEqual(await database.query("select value from changed"), [{ value: 1 }]);
    await database.execute("alter table changed alter value type text");
    await assert.rejects(database.query("select value from changed"), isCode("internal", /0A000/));
  });

  test("prepared statements that a pooler lost name the setting that helps", async () => {
    await database.query("prepare twice as select 1");
    const reason = /42P05.*LINCHPIN_DATABASE_PREPARE=off/;
    await assert.rejects(database.query("prepare twice as select 1"), isCode("settings_invalid", reason));
    const lost = database.query("execute never_prepared");
    await assert.rejects(lost, isCode("settings_invalid", /26000.*LINCHPIN_DATABASE_PREPARE=off/));
  });

  for (const hosts of ["one:5432,other:5432", "one,other", "secret@one,other:5432", "user:se,cret@one,other"])
    test(`a URL of several hosts is refused, and not repeated: ${hosts}`, () => {
      const open = () => openPostgresDatabase({ url: `postgres://${hosts}/issuer` });
      assert.throws(open, isCode("settings_invalid", /^the database URL names several hosts/));
    });

  test("a comma in a password is none between hosts", async () => {
    await openPostgresDatabase({ url: "postgres://user:se,cret@127.0.0.1/issuer" }).close();
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

  test("statements that follow one another and are cut off are unavailable, all of them, and the next has another", async () => {
    const before = await backend(database);
    const statements = [0, 1, 2].map(() =>
      assert.rejects(database.query("select pg_sleep(0.2)"), isCode("unavailable")),
    );
    await execute(url, `select pg_terminate_backend(${before})`);
    await Promise.all(statements);
    assert.notEqual(await backend(database), before);
  });
});
