import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { placeUnmigratedDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openEmbeddedDatabase } from "../../src/database/embedded-database.ts";
import { databaseContract } from "./database-contract.ts";

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-database-"));
  await placeUnmigratedDatabase(folder);
  return folder;
}

async function makeRemovedFolder(t: TestContext): Promise<string> {
  const folder = await makeFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "database");
}

databaseContract("embedded", async () => {
  const folder = await makeFolder();
  const database = await openEmbeddedDatabase(join(folder, "database"));
  return { database, remove: () => rm(folder, { recursive: true, force: true }) };
});

test("a process does other things while the embedded database runs a statement", async (t) => {
  const database = await openEmbeddedDatabase(await makeRemovedFolder(t));
  t.after(() => database.close());
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await database.query("select count(*) from generate_series(1, 500000)");
  clearInterval(timer);
  assert.ok(turns > 10, `${turns}`);
});

test("an embedded database keeps its process from ending while it owes an answer, and no longer", async (t) => {
  const folder = await makeRemovedFolder(t);
  const source = import.meta.resolve("../../src/database/embedded-database.ts");
  const script = `
    const { openEmbeddedDatabase } = await import(${JSON.stringify(source)});
    const database = await openEmbeddedDatabase(${JSON.stringify(folder)});
    console.log(await database.query("select 1 as one"));`;
  const words = ["--conditions=linchpin-source", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  assert.equal(stdout, "[ { one: 1 } ]\n");
});

test("an embedded database whose files are damaged does not open", async (t) => {
  const folder = await makeRemovedFolder(t);
  await truncate(join(folder, "global/pg_control"), 100);
  await assert.rejects(openEmbeddedDatabase(folder), { code: "unavailable" });
});

test("nothing is asked of an embedded database that is closed", async (t) => {
  const database = await openEmbeddedDatabase(await makeRemovedFolder(t));
  await database.close();
  await assert.rejects(database.query("select 1"), { code: "unavailable" });
});
