import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Store } from "@linchpin/store";
import { now } from "../fresh-records.ts";

/** What every store must do with the signed lists of the issuer's keys. */
export function manifestContract(storeOf: () => Store): void {
  describe("key manifests", () => {
    const manifestOf = (seq: number) => ({ seq, jws: `manifest ${seq}`, issuedAt: now });

    test("each follows the last one, with a higher number", async () => {
      const store = storeOf();
      assert.equal(await store.findLastKeyManifest(), null);
      assert.equal(await store.addKeyManifest(manifestOf(1_800_000_000), 0), "added");
      assert.equal(await store.addKeyManifest(manifestOf(1_800_000_005), 1_800_000_000), "added");
      assert.deepEqual(await store.findLastKeyManifest(), manifestOf(1_800_000_005));
    });

    test("one that does not follow the last one, or counts no further, changes nothing", async () => {
      const store = storeOf();
      const last = await store.findLastKeyManifest();
      for (const [seq, previous] of [
        [1_800_000_009, 1_800_000_000],
        [1_800_000_009, 0],
        [1_800_000_009, 1_800_000_006],
        [1_800_000_005, 1_800_000_005],
        [1_800_000_004, 1_800_000_005],
      ] as const)
        assert.equal(await store.addKeyManifest(manifestOf(seq), previous), "taken");
      assert.deepEqual(await store.findLastKeyManifest(), last);
    });

    test("of several at once that follow the same one, one is added", async () => {
      const store = storeOf();
      const { seq = 0 } = (await store.findLastKeyManifest()) ?? {};
      const tries = [1, 1, 2, 3].map((step) => store.addKeyManifest(manifestOf(seq + step), seq));
      assert.deepEqual((await Promise.all(tries)).sort(), ["added", "taken", "taken", "taken"]);
    });
  });
}
