import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import { toLinchpinError } from "../../src/http/errors.ts";
import { compileValidator } from "../../src/http/index.ts";

const object = <T extends Type.TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });

/** The members that are at fault, and why. */
function refuse(schema: Type.TSchema, value: unknown): [string | undefined, string | undefined][] {
  const validate = compileValidator({ schema, method: "POST", url: "/" });
  assert.equal(validate(value), false);
  const { cause } = toLinchpinError({ validation: validate.errors });
  return (cause as { field: string; reason: string }[]).map(({ field, reason }) => [field, reason]);
}

describe("the faults of a union", () => {
  const Card = object({ pin: Type.Optional(Type.String({ minLength: 4 })), tries: Type.Optional(Type.Integer()) });
  const CardOrNull = Type.Union([Card, Type.Null()]);

  it("are those of the variant that the value was meant to be", () => {
    assert.deepEqual(refuse(CardOrNull, { tries: "1" }), [["tries", "must be integer"]]);
    assert.deepEqual(refuse(Type.Union([Type.Null(), Card]), { pin: 1, tries: 1.5 }), [
      ["pin", "must be string"],
      ["tries", "must be integer"],
    ]);
    assert.deepEqual(refuse(CardOrNull, { colour: 1 }), [[undefined, "there is a member that is not documented"]]);
  });

  it("of objects are those of the closest", () => {
    const schema = Type.Union([object({ a: Type.String(), b: Type.String() }), object({ c: Type.String() })]);
    assert.deepEqual(refuse(schema, { c: 1 }), [["c", "must be string"]]);
  });

  it("say what is allowed where it was meant to be none", () => {
    assert.deepEqual(refuse(CardOrNull, []), [[undefined, "must be object or null"]]);
    const Status = Type.Union([Type.Literal(429), Type.Literal("reset"), Type.Literal("timeout")]);
    for (const wrong of [418, "slow", null, {}])
      assert.deepEqual(refuse(object({ status: Status }), { status: wrong }), [
        ["status", "must be one of 429, reset, timeout"],
      ]);
    const Metadata = Type.Union([Type.Record(Type.String(), Type.String()), Type.Literal("")]);
    assert.deepEqual(refuse(Metadata, "x"), [[undefined, 'must be object or ""']]);
  });

  it("stay with the item of a list, and with the union that they are of", () => {
    const Item = Type.Union([object({ value: Type.Union([Type.String({ maxLength: 1 }), Type.Null()]) }), Type.Null()]);
    const items = [null, { value: "ab" }, ...Array.from({ length: 8 }, () => null), 3, { value: 1 }];
    assert.deepEqual(refuse(Type.Array(Item), items), [
      ["1.value", "must NOT have more than 1 characters"],
      ["10", "must be object or null"],
      ["11.value", "must be string or null"],
    ]);
  });
});
