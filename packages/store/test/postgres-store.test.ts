import assert from "node:assert/strict";
import { after, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { openPostgresStore } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { storeConcurrencyContract } from "./store-concurrency-contract.ts";
import { storeContract } from "./store-contract.ts";

const postgres = await openTestPostgres();
after(() => postgres.stop());

storeContract("PostgreSQL", async () => {
  const store = await openPostgresStore({ url: await postgres.createMigratedDatabase() });
  return { store, close: () => store.close() };
});

storeConcurrencyContract("PostgreSQL", async () => {
  const url = await postgres.createMigratedDatabase();
  const stores = [await openPostgresStore({ url }), await openPostgresStore({ url })] as const;
  return {
    stores,
    close: async () => {
      for (const store of stores) await store.close();
    },
  };
});

test("a database that is not there is unavailable", async () => {
  const url = (await postgres.createMigratedDatabase()).replace(/\/test_/, "/none_");
  await assert.rejects(openPostgresStore({ url }), isCode("unavailable"));
});

test("a server that is not there is unavailable", async () => {
  await assert.rejects(openPostgresStore({ url: "postgres://127.0.0.1:1/none" }), isCode("unavailable"));
});

test("a URL that is none of PostgreSQL is refused, and does not appear in the error", async () => {
  for (const url of ["", "mysql://u:secret@host/db", "postgres://u:secret@host:port/db", "/var/run secret"]) {
    await assert.rejects(openPostgresStore({ url }), (error) => {
      assert.ok(isCode("settings_invalid")(error));
      assert.doesNotMatch(`${error.stack} ${error.reason} ${error.cause}`, /secret/);
      return true;
    });
  }
});

function isCode(code: string): (error: unknown) => error is LinchpinError {
  return (error): error is LinchpinError => error instanceof LinchpinError && error.code === code;
}
