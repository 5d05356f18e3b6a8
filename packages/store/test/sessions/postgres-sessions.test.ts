import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openPostgresStore, type Store } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { Client } from "pg";
import { addCard } from "../fresh-records.ts";
import { bindEffect, codeOf, messageTo, thumbprintOf } from "./session-messages.ts";

describe("a key that is bound again while somebody unbinds it, on PostgreSQL", () => {
  let stop: () => Promise<void>;
  let store: Store;
  let other: Client; // somebody else's connection
  before(async () => {
    const postgres = await openTestPostgres();
    const url = await postgres.createMigratedDatabase();
    store = await openPostgresStore({ url });
    other = new Client(url);
    await other.connect();
    stop = async () => {
      await other.end();
      await store.close();
      await postgres.stop();
    };
  });
  after(() => stop());

  const thumbprint = thumbprintOf();

  /** Bounded: a statement that does not wait for the lock would have been answered before. */
  async function waitsForLock(): Promise<boolean> {
    const endsAt = Date.now() + 60_000;
    while (Date.now() < endsAt) {
      await other.query("select pg_stat_clear_snapshot()"); // A transaction keeps what it saw of the activity.
      const { rows } = await other.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (rows.length > 0) return true;
    }
    throw new Error("waited 60 s for the statement that binds to wait for the key's row");
  }

  test("waits for its row, and sees that it was unbound", async () => {
    const card = await addCard(store);
    const bind = () => messageTo(card, { code: codeOf("none", true), effect: bindEffect(thumbprint) });
    assert.equal((await store.spendSession(bind())).outcome, "bound");
    await other.query("begin");
    await other.query("update bound_keys set unbound_at = now() where thumbprint = $1", [thumbprint]);
    let outcome: string | undefined;
    const again = store.spendSession(bind()).then((decision) => {
      outcome = decision.outcome;
    });
    await Promise.race([waitsForLock(), again]);
    assert.equal(outcome, undefined, "the statement decided by what it read without the lock");
    await other.query("commit");
    await again;
    assert.equal(outcome, "device_unknown");
  });
});
