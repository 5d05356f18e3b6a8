import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { openEmbeddedStore } from "@linchpin/store";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { startChanges } from "./changes-process.ts";
import { storeConcurrencyContract } from "./store-concurrency-contract.ts";

const root = await mkdtemp(join(tmpdir(), "linchpin-embedded-"));
after(() => rm(root, { recursive: true, force: true }));

const folder = join(root, "store");
await placeEmptyDatabase(folder);

storeConcurrencyContract("embedded", async () => {
  const store = await openEmbeddedStore({ folder });
  return { stores: [store, store], close: () => store.close() };
});

describe("the folder of an embedded store", () => {
  test("it is refused to a second store, of this process or another, until the first is closed", async () => {
    const store = await openEmbeddedStore({ folder });
    await assert.rejects(openEmbeddedStore({ folder }), isInUse);
    assert.match(await complaintOf(startChanges(folder)), /storage_in_use/);
    await store.close();
    await (await openEmbeddedStore({ folder })).close();
  });

  test("a closed store is unavailable", async () => {
    const store = await openEmbeddedStore({ folder });
    await store.close();
    await assert.rejects(store.ping(), (error) => error instanceof LinchpinError && error.code === "unavailable");
  });
});

const isInUse = (error: unknown) => error instanceof LinchpinError && error.code === "storage_in_use";

async function complaintOf(child: ChildProcess): Promise<string> {
  let complaint = "";
  child.stderr?.on("data", (data) => {
    complaint += data;
  });
  await once(child, "close");
  return complaint;
}
