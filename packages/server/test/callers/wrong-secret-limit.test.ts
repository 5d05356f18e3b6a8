import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { WrongSecretLimit } from "../../src/callers/wrong-secret-limit.ts";

const perMinute = 20;
const name = "operator POST /verify";

/** What all processes share: the granted count, as the store keeps it. */
function sharedStore() {
  const counts = new Map<string, number>();
  return {
    asked: 0,
    async reserveWrongSecrets(of: string, at: Date, { amount, limit }: { amount: number; limit: number }) {
      this.asked++;
      const key = `${of} ${at.toISOString()}`;
      const before = counts.get(key) ?? 0;
      counts.set(key, before + amount);
      await new Promise((resolve) => setImmediate(resolve));
      return Math.max(0, Math.min(amount, limit - before));
    },
  };
}

/** Compares one secret, which takes a while. */
async function compare(limit: WrongSecretLimit, outcome: "right" | "wrong"): Promise<string> {
  const reserved = await limit.reserve(name);
  if (typeof reserved !== "function") return reserved.isFirst ? "refused first" : "refused";
  await new Promise((resolve) => setImmediate(resolve));
  reserved(outcome);
  return outcome;
}

async function tally(answers: readonly Promise<string>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const answer of await Promise.all(answers)) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

describe("the limit on a caller's wrong secrets", () => {
  let now = new Date("2026-11-22T12:00:10Z");
  const limitOn = (store: Pick<ReturnType<typeof sharedStore>, "reserveWrongSecrets">) =>
    new WrongSecretLimit({ store, clock: () => now }, perMinute);

  it("lets as many wrong ones pass that come at once as it would one after the other, and refuses the rest", async () => {
    const limit = limitOn(sharedStore());
    const answers = Array.from({ length: 300 }, () => compare(limit, "wrong"));
    assert.deepEqual(await tally(answers), { wrong: perMinute, "refused first": 1, refused: 299 - perMinute });
    assert.equal(await compare(limit, "right"), "refused");
    now = new Date("2026-11-22T12:01:00Z");
    assert.equal(await compare(limit, "right"), "right");
  });

  it("lets any number of right ones pass, and reserves for all of them once", async () => {
    const store = sharedStore();
    const limit = limitOn(store);
    assert.deepEqual(await tally(Array.from({ length: 300 }, () => compare(limit, "right"))), { right: 300 });
    assert.equal(store.asked, 1);
  });

  it("counts over all processes: no more pass than are allowed, and one for each further process", async () => {
    const store = sharedStore();
    const processes = [limitOn(store), limitOn(store), limitOn(store)];
    const guesses = processes.flatMap((limit) => Array.from({ length: 100 }, () => compare(limit, "wrong")));
    const { wrong = 0 } = await tally(guesses);
    assert.ok(wrong >= perMinute && wrong <= perMinute + processes.length - 1, String(wrong));
  });

  it("is each process's own while the store is away", async () => {
    const limit = limitOn({
      reserveWrongSecrets: () => Promise.reject(new LinchpinError("unavailable")),
    });
    const { wrong } = await tally(Array.from({ length: 100 }, () => compare(limit, "wrong")));
    assert.equal(wrong, perMinute);
  });

  it("takes the first report of an outcome alone", async () => {
    const limit = limitOn(sharedStore());
    for (let count = 0; count < 3 * perMinute; count++) {
      const reserved = await limit.reserve(name);
      assert.ok(typeof reserved === "function");
      reserved("right");
      reserved("wrong");
    }
  });
});
