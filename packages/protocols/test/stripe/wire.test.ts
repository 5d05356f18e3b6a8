import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CardCreate, CardUpdate, parametersNotHere } from "@linchpin/protocols/stripe/wire";
import type Type from "typebox";
import { Value } from "typebox/value";

const create = { currency: "usd", type: "virtual" };
const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, "1"]));

describe("the shape of", () => {
  const cases: [what: string, schema: Type.TSchema, taken: object[], refused: object[]][] = [
    [
      "a creation",
      CardCreate,
      [create, { ...create, pin: { encrypted_number: "x" } }, { ...create, type: "physical", status: "inactive" }],
      [
        {},
        { currency: "usd" },
        { type: "virtual" },
        { ...create, currency: "us" },
        { ...create, currency: "usdt" },
        { ...create, type: "plastic" },
        { ...create, status: "canceled" },
        { ...create, cancellation_reason: "lost" },
        { ...create, cardholder: "" },
        { ...create, pin: "0123" },
        { ...create, pin: {} },
        { ...create, pin: { encrypted_number: "" } },
        { ...create, pin: { encrypted_number: "x".repeat(5001) } },
        { ...create, pin: { encrypted_number: "x", other: "x" } },
        { ...create, encrypted_number: "x" },
      ],
    ],
    [
      "an update",
      CardUpdate,
      [
        {},
        { status: "canceled", cancellation_reason: "stolen" },
        { metadata: "" },
        { metadata: entries(50) },
        { metadata: { ["k".repeat(40)]: "x".repeat(500) } },
        { metadata: { a: "" } },
        { spending_controls: { spending_limits: [{ amount: "1" }] } },
        { pin: { encrypted_number: "x".repeat(5000) } },
      ],
      [
        { status: "blocked" },
        { status: "" },
        { cancellation_reason: "design_rejected" },
        { metadata: "x" },
        { metadata: entries(51) },
        { metadata: { ["k".repeat(41)]: "x" } },
        { metadata: { a: "x".repeat(501) } },
        { metadata: { a: { b: "c" } } },
        { metadata: { "a\n": "x" } },
        { spending_controls: "x" },
        { currency: "usd" },
      ],
    ],
  ];
  for (const [what, schema, taken, refused] of cases) {
    it(`${what} takes what is documented`, () => {
      for (const body of taken) assert.ok(Value.Check(schema, body), JSON.stringify(body));
    });
    it(`${what} refuses anything else`, () => {
      for (const body of refused) assert.ok(!Value.Check(schema, body), JSON.stringify(body));
    });
  }

  it("both has no parameter that is not implemented here", () => {
    for (const { properties } of [CardCreate, CardUpdate])
      for (const name of parametersNotHere) assert.ok(!Object.hasOwn(properties, name), name);
  });
});
