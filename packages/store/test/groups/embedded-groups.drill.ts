import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openEmbeddedDatabase } from "../../src/database/embedded-database.ts";
import { sessionGroupContract } from "../sessions/session-group-contract.ts";
import { sessionPartsContract } from "../sessions/session-parts-contract.ts";
import { signingGroupContract } from "../signing/signing-group-contract.ts";
import { groupContract } from "./group-contract.ts";

groupContract("embedded", open);
sessionGroupContract("embedded", open);
sessionPartsContract("embedded", open);
signingGroupContract("embedded", open);

async function open() {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-groups-"));
  await placeEmptyDatabase(folder);
  const database = await openEmbeddedDatabase(join(folder, "database"));
  const remove = async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { database, remove };
}
