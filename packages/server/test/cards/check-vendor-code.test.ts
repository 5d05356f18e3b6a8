import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card, CardState, Store } from "@linchpin/store";
import { checkVendorCode } from "../../src/cards/index.ts";

const card = (nativeOnly: boolean, state: CardState = "active") =>
  ({ state, program: { id: "p", name: "A program", settings: { nativeOnly }, createdAt: new Date() } }) as Card;
const storeOf = (...cards: Card[]) => ({ store: { listCardsOfPerson: async () => cards } as unknown as Store });

for (const [what, cards] of [
  ["has no card", []],
  ["has an ordinary card", [card(false)]],
  [
    "has an ordinary card, which is blocked, beside one for the native protocol alone",
    [card(true), card(false, "blocked")],
  ],
  ["had a card for the native protocol alone, which is terminated", [card(true, "terminated")]],
] as const)
  test(`a vendor's protocol sends a code to a person who ${what}`, () => checkVendorCode(storeOf(...cards), "person"));

for (const [what, cards] of [
  ["has cards for the native protocol alone", [card(true), card(true, "blocked")]],
  ["has one beside an ordinary card that is terminated", [card(true), card(false, "terminated")]],
] as const)
  test(`a vendor's protocol sends no code to a person who ${what}`, async () => {
    await assert.rejects(checkVendorCode(storeOf(...cards), "person"), { code: "caller_not_allowed" });
  });
