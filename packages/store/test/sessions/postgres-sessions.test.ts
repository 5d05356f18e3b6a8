import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { openPostgresStore, type SessionMessage, type Store } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { Client } from "pg";
import { addCard, later, now, written } from "../fresh-records.ts";

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

  const thumbprint = randomBytes(32).toString("base64url");
  const publicPoint = Uint8Array.of(4, ...randomBytes(64));
  const limits = { codesPerDay: 9, wrongInARow: 9, wrongPerPartnerAndDay: 9 };

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
    const bind = (): SessionMessage => ({
      sessionHash: randomBytes(32),
      messageHash: randomBytes(32),
      expiresAt: later,
      at: now,
      cardId: card.id,
      personId: card.person.id,
      partnerId: card.partnerId,
      device: null,
      isNativeOnly: false,
      code: { challengeId: "none", isRight: true, limits },
      demandsNoBoundKey: false,
      version: null,
      failedToOpen: false,
      refusal: null,
      effect: { type: "bind", thumbprint, publicPoint, maxKeys: 5 },
      auditAndOutbox: { bound: written("bound", card.id), device_unknown: written("device_unknown", card.id) },
    });
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
