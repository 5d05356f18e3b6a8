import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import type { Database } from "../../src/database/database.ts";

/** What every database must do, with one connection. `open` is called once; the last test closes it. */
export function databaseContract(
  name: string,
  open: () => Promise<{ database: Database; remove(): Promise<void> }>,
): void {
  describe(`a database: ${name}`, () => {
    let database: Database;
    let remove: () => Promise<void>;
    before(async () => {
      ({ database, remove } = await open());
      await database.execute("create table things (id int primary key, secret text check (secret <> 'forbidden'))");
    });
    after(() => remove());

    test("numbers of 64 bits, bytes, times and nulls come back as they went, from a statement that ran before too", async () => {
      const values = [2n ** 62n, new Uint8Array([0, 255]), new Date("2026-11-22T10:00:00.123Z"), ["a", '"b,'], null];
      for (let run = 0; run < 3; run++) {
        const rows = await database.query<object>(
          "select $1::int8 as a, $2::bytea as b, $3::timestamptz as c, $4::text[] as d, $5::text as n, $6::jsonb as e",
          [...values, '{"e":[1]}'],
        );
        assert.deepEqual(rows.map(Object.entries), [zip(["a", "b", "c", "d", "n", "e"], [...values, { e: [1] }])]);
      }
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

    test("a transaction has its turn among statements that never cease", async () => {
      let isOver = false;
      const ceaseless = [1, 2, 3].map(async () => {
        while (!isOver) await database.query("select 1");
      });
      await database.transaction((transaction) => transaction.query("select 1"));
      isOver = true;
      await Promise.all(ceaseless);
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

    test("what is under way when the database is closed ends first", async () => {
      const last = [database.query("select pg_sleep(0.1)"), database.query("select 1")];
      await database.close();
      await Promise.all(last);
      await assert.rejects(database.query("select 1"), isCode("unavailable"));
    });
  });
}

function zip(names: readonly string[], values: readonly unknown[]): (readonly [string, unknown])[] {
  return names.map((name, index) => [name, values[index]]);
}

export async function backend(database: Database): Promise<number | undefined> {
  return (await database.query<{ pid: number }>("select pg_backend_pid() as pid"))[0]?.pid;
}

export function isCode(code: string, reason = /./): (error: unknown) => error is LinchpinError {
  return (error): error is LinchpinError =>
    error instanceof LinchpinError && error.code === code && reason.test(error.reason ?? "");
}
