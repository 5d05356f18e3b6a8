import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { it } from "node:test";
import { sharedKeyPairs } from "@linchpin/test-fixtures/issuer/shared-key-pairs";
import { startIssuer } from "@linchpin/testing";
import { AdyenCardholder } from "@linchpin/testing/adyen";

it("an issuer without a data folder keeps nothing: no file while it runs, and nothing of it in the next", async () => {
  const filesBefore = await readdir(".");
  const first = await startIssuer({ keyPairs: sharedKeyPairs() });
  const cardholder = await AdyenCardholder.create(first.url);
  try {
    assert.equal((await cardholder.changePin("1928")).status, 200);
    assert.equal(await cardholder.revealedPin(), "1928");
    assert.equal(first.dataFolder, null);
    assert.deepEqual([await readdir("."), existsSync("memory:")], [filesBefore, false]);
  } finally {
    await first.stop();
  }
  const second = await startIssuer({ keyPairs: sharedKeyPairs() });
  try {
    const { status } = await cardholder.at(second.url).operator("GET", `/cards/${cardholder.cardId}`);
    assert.equal(status, 404);
  } finally {
    await second.stop();
  }
});
