import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedStore, openMemoryStore, verifyAuditChain } from "@linchpin/store";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { startChanges } from "./changes-process.ts";
import { addPartner, eventsOf, readCard } from "./fresh-records.ts";
import { storeContract } from "./store-contract.ts";

const root = await mkdtemp(join(tmpdir(), "linchpin-embedded-"));
after(() => rm(root, { recursive: true, force: true }));

storeContract("embedded", async () => {
  const folder = join(root, "contract");
  await placeEmptyDatabase(folder);
  const store = await openEmbeddedStore({ folder });
  return { store, close: () => store.close() };
});

storeContract("in memory", async () => {
  const store = await openMemoryStore();
  return { store, close: () => store.close() };
});

describe("the folder of an embedded store", () => {
  test("it is made for its owner alone, and keeps what was written", async () => {
    const folder = join(root, "of a new", "house");
    await (await openEmbeddedStore({ folder })).close();
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(folder), ["database"]);
    const first = await openEmbeddedStore({ folder });
    const partnerId = await addPartner(first);
    await first.close();
    const second = await openEmbeddedStore({ folder });
    assert.equal((await second.findPartner(partnerId))?.id, partnerId);
    await second.close();
  });

  test("what was committed survives kill -9, each change whole", async () => {
    const folder = join(root, "killed");
    await placeEmptyDatabase(folder);
    for (let round = 0; round < 2; round++) {
      const child = startChanges(folder);
      const committed = await killAfter(child, 20 + 17 * round);
      const store = await openEmbeddedStore({ folder });
      const { pin } = await readCard(store, committed.id);
      assert.ok(pin.version === committed.version || pin.version === committed.version + 1);
      assert.equal((await eventsOf(store, committed.id)).length, 1 + pin.version);
      assert.deepEqual(
        (await store.listPinHistory(committed.id, 9)).map(({ version }) => version),
        [pin.version - 1],
      );
      assert.equal((await verifyAuditChain(store)).intact, true);
      await store.close();
    }
  });

  test("a process that died while it made the database leaves a folder that works", async () => {
    const fresh = join(root, "unfinished");
    const child = startChanges(fresh);
    while (!existsSync(join(fresh, "database.new"))) await sleep(20);
    await kill(child);
    const store = await openEmbeddedStore({ folder: fresh });
    await addPartner(store);
    await store.close();
    assert.deepEqual(await readdir(fresh), ["database"]);
  });
});

/** Kills the process when it has printed that `version` was committed. Returns the last version that it printed. */
async function killAfter(child: ChildProcess, version: number): Promise<{ id: string; version: number }> {
  assert.ok(child.stdout);
  let last = { id: "", version: 0, result: "" };
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    assert.equal(last.result, "changed");
    if (last.version === version) child.kill("SIGKILL");
  }
  return last;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
