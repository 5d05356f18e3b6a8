import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeUnmigratedDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openEmbeddedDatabase } from "../../src/database/embedded-database.ts";
import { databaseContract } from "./database-contract.ts";

databaseContract("embedded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-database-"));
  await placeUnmigratedDatabase(folder);
  const database = await openEmbeddedDatabase(join(folder, "database"));
  return { database, remove: () => rm(folder, { recursive: true, force: true }) };
});
