import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KeyManifest, Store } from "@linchpin/store";
import { forgetManifest, readLastManifest } from "../../src/issuer-keys/read-manifest.ts";

const manifestOf = (seq: number, jws: string, issuedAtMs = 1000 * seq): KeyManifest => ({
  seq,
  jws,
  issuedAt: new Date(issuedAtMs),
});

/** A store that holds one manifest, and counts how often it is read. */
function storeOf(manifest: KeyManifest | null) {
  let reads = 0;
  const held = {
    manifest,
    findLastKeyManifest: async () => {
      reads++;
      return held.manifest;
    },
  };
  const context = { store: held as unknown as Store };
  return { held, reads: () => reads, read: (last = held.manifest) => readLastManifest(context, last), context };
}

suite("the last manifest", () => {
  test("is read once, by however many sessions", async () => {
    const { held, read, reads } = storeOf(manifestOf(7, "seven"));
    assert.equal((await read()).jws, "seven");
    held.manifest = { ...manifestOf(7, "the same number would not be given twice") };
    assert.equal((await read()).jws, "seven");
    assert.equal(reads(), 1);
  });

  test("is read again where the store names another one, by its number or its time", async () => {
    const { held, read, reads } = storeOf(manifestOf(7, "seven"));
    await read();
    held.manifest = manifestOf(8, "eight");
    assert.equal((await read()).jws, "eight");
    held.manifest = manifestOf(8, "eight of another database", 9_000);
    assert.equal((await read()).jws, "eight of another database");
    assert.equal(reads(), 3);
  });

  test("is the one that was published meanwhile, where the store named one before it", async () => {
    const { held, read } = storeOf(manifestOf(8, "eight"));
    assert.equal((await read(manifestOf(7, "seven"))).jws, "eight");
    held.manifest = manifestOf(9, "nine");
    assert.equal((await read()).jws, "nine");
  });

  test("is read again after a reset of the sandbox, also where the reset came while it was read", async () => {
    const { held, read, context } = storeOf(manifestOf(7, "before"));
    await read();
    held.manifest = manifestOf(7, "after");
    forgetManifest(context);
    assert.equal((await read()).jws, "after");
    held.manifest = manifestOf(8, "read before");
    const reading = read();
    forgetManifest(context);
    await reading;
    held.manifest = manifestOf(8, "read after");
    assert.equal((await read()).jws, "read after");
  });

  test("is refused as unavailable where there is none, however it went", async () => {
    const { held, read } = storeOf(null);
    await assert.rejects(read(), { code: "unavailable" });
    held.manifest = manifestOf(7, "seven");
    const last = held.manifest;
    await read();
    await assert.rejects(read(null), { code: "unavailable" });
    held.manifest = null;
    await assert.rejects(read({ ...last, seq: 8 }), { code: "unavailable" });
  });
});
