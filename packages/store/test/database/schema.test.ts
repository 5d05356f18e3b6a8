import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { openEmbeddedDatabase } from "../../src/database/embedded-database.ts";
import { openPostgresDatabase } from "../../src/database/postgres-database.ts";
import { compareSchema, describeSchema, schemaFile } from "../../src/database/schema.ts";

describe("migrations/schema.json", async () => {
  const postgres = await openTestPostgres();
  after(() => postgres.stop());

  test("is what the migrations make on PostgreSQL", async () => {
    const database = openPostgresDatabase({ url: await postgres.createMigratedDatabase() });
    const lines = await describeSchema(database);
    await database.close();
    assert.ok(lines.length > 100, "the schema has tables");
    const text = `${JSON.stringify(lines, null, 2)}\n`;
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(schemaFile, text);
    assert.equal(await readFile(schemaFile, "utf8"), text, "UPDATE_DOCS=1 writes it anew");
  });

  test("is what they make in the embedded database", async () => {
    const folder = await mkdtemp(join(tmpdir(), "linchpin-schema-"));
    await placeEmptyDatabase(folder);
    const database = await openEmbeddedDatabase(join(folder, "database"));
    assert.deepEqual(await compareSchema(database), { missing: [], unknown: [] });
    await database.close();
    await rm(folder, { recursive: true });
  });
});
