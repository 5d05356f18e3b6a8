import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { after, before, describe, test } from "node:test";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { createStore } from "../../src/create-store.ts";
import { openPostgresDatabase } from "../../src/database/postgres-database.ts";
import { examineSessionDefaults } from "../../src/database/session.ts";
import { openPostgresStore } from "../../src/postgres-store.ts";
import { isCode } from "./database-contract.ts";

const hostileDefaults = {
  array_nulls: "off",
  bytea_output: "escape",
  datestyle: "German",
  default_transaction_isolation: "serializable",
  standard_conforming_strings: "off",
  search_path: "",
};

describe("a database whose sessions begin otherwise", () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await openTestPostgres();
  });
  after(() => postgres.stop());

  /** A migrated database with these defaults. */
  const databaseWith = async (defaults: Record<string, string>): Promise<string> => {
    const url = await postgres.createMigratedDatabase();
    const name = new URL(url).pathname.slice(1);
    for (const [setting, value] of Object.entries(defaults))
      await execute(url, `alter database ${name} set ${setting} = '${value}'`);
    return url;
  };

  for (const [setting, value] of Object.entries(hostileDefaults))
    test(`${setting} = '${value}' changes nothing on a direct connection`, async () => {
      const url = await databaseWith({ [setting]: value });
      const database = openPostgresDatabase({ url });
      try {
        assert.deepEqual(
          await database.query(
            `select '\\x00ff'::bytea as bytes, timestamptz '2026-02-03T04:05:06Z' as time, $1::text[] as texts,
              current_setting('transaction_isolation') as isolation, to_regclass('cards') is not null as "hasTables"`,
            [["a", null, "\\"]],
          ),
          [
            {
              bytes: new Uint8Array([0, 255]),
              time: new Date("2026-02-03T04:05:06Z"),
              texts: ["a", null, "\\"],
              isolation: "read committed",
              hasTables: true,
            },
          ],
        );
      } finally {
        await database.close();
      }
    });

  test("a search path that leads somewhere is the operator's", async () => {
    const url = await databaseWith({});
    await execute(url, "create schema issuer");
    await execute(url, `alter database ${new URL(url).pathname.slice(1)} set search_path = issuer`);
    const database = openPostgresDatabase({ url });
    assert.deepEqual(await database.query("select current_schema() as name"), [{ name: "issuer" }]);
    await database.close();
  });

  test("what can only be read is not ready, and not opened", async () => {
    const url = await databaseWith({ default_transaction_read_only: "on" });
    await assert.rejects(openPostgresStore({ url }), isCode("unavailable", /read-only/));
    const store = createStore(openPostgresDatabase({ url }));
    await assert.rejects(store.ping(), isCode("unavailable", /read-only/));
    await store.close();
  });

  describe("behind a pooler", () => {
    const pooled = async <T>(url: string, work: (url: string) => Promise<T>): Promise<T> => {
      const pooler = await startPooler(url);
      const through = new URL(url);
      through.port = `${(pooler.address() as AddressInfo).port}`;
      try {
        return await work(through.href);
      } finally {
        pooler.close();
      }
    };

    for (const [setting, value] of Object.entries({ ...hostileDefaults, statement_timeout: "900ms" }))
      test(`${setting} = '${value}' is refused with the statement that mends it`, async () => {
        const url = await databaseWith({ [setting]: value });
        await pooled(url, async (through) => {
          const statement = new RegExp(`alter role test set ${setting} = '`);
          await assert.rejects(openPostgresStore({ url: through }), isCode("settings_invalid", statement));
        });
        // What the refusal says is what helps, in this database alone: the role is every test's.
        const { unfit } = await examineSessionDefaults(url, 5_000);
        for (const { mendSql } of unfit)
          await execute(url, mendSql.replace("role test", `role test in database ${new URL(url).pathname.slice(1)}`));
        await pooled(url, async (through) => (await openPostgresStore({ url: through })).close());
      });

    test("ordinary defaults are taken", async () => {
      await pooled(await databaseWith({}), async (through) => {
        const { isPooled, unfit } = await examineSessionDefaults(through, 5_000);
        assert.deepEqual({ isPooled, unfit }, { isPooled: true, unfit: [] });
        await (await openPostgresStore({ url: through })).close();
      });
    });
  });

  test("no pooler is seen where there is none", async () => {
    const { isPooled } = await examineSessionDefaults(await databaseWith({}), 5_000);
    assert.equal(isPooled, false);
  });
});

/** What a client sees of a pooler: the key for cancelling (BackendKeyData) is the pooler's own, not the session's. */
async function startPooler(url: string): Promise<Server> {
  const { hostname, port } = new URL(url);
  const pooler = createServer((client) => {
    const server = connect(Number(port), hostname);
    client.on("error", () => server.destroy()).pipe(server);
    server.on("error", () => client.destroy());
    server.on("data", (data) => {
      const key = data.indexOf(Buffer.from("K\0\0\0\f", "latin1"));
      if (key !== -1) data.writeInt32BE(1, key + 5);
      client.write(data);
    });
    server.on("end", () => client.end());
  });
  await new Promise<void>((resolve) => pooler.listen(0, "127.0.0.1", resolve));
  return pooler;
}
