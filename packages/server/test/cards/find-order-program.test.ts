import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program } from "@linchpin/store";
import { findOrderProgram } from "../../src/cards/index.ts";

const program = (settings: object): Program => ({ id: "p", name: "A program", settings, createdAt: new Date() });
const storeOf = (found: Program | null) => ({ store: { findProgram: async () => found } });

test("partners make cards in the program that the operator names, by a vendor's protocol", async () => {
  const found = program({});
  assert.equal(await findOrderProgram(storeOf(found), "p", "THE_SETTING"), found);
});

for (const [what, found, id] of [
  ["is not set", program({}), null],
  ["is not there", null, "p"],
  ["is for the native protocol alone", program({ nativeOnly: true }), "p"],
] as const)
  test(`no card is made by a vendor's protocol where the program ${what}`, async () => {
    await assert.rejects(findOrderProgram(storeOf(found), id, "THE_SETTING"), {
      code: "not_found",
      reason: /^THE_SETTING names/,
    });
  });
