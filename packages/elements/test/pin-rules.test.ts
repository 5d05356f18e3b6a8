import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPinPolicy, Pin, type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import fc from "fast-check";
import { DigitEntry } from "../src/digit-entry.ts";
import { english } from "../src/messages/english.ts";
import { pinRules } from "../src/pin-rules.ts";

const statesOf = (policy: PinPolicy, digits: readonly number[]) => {
  const entry = new DigitEntry();
  for (const digit of digits) entry.push(digit);
  return pinRules(policy, entry, english).map(({ state }) => state);
};

describe("the rules of a policy", () => {
  it("are all open until there are enough digits", () => {
    assert.deepEqual(statesOf(solarisPinPolicy, [1, 1, 1]), ["open", "open", "open"]);
  });

  it("each stand for themselves", () => {
    assert.deepEqual(statesOf(solarisPinPolicy, [1, 9, 2, 8]), ["met", "met", "met"]);
    assert.deepEqual(statesOf(solarisPinPolicy, [4, 3, 2, 1]), ["met", "broken", "met"]);
    assert.deepEqual(statesOf(solarisPinPolicy, [7, 7, 1, 7]), ["met", "met", "broken"]);
    const both: PinPolicy = { ...solarisPinPolicy, sequences: "refuse_any_order", denyList: ["3142", "7777"] };
    assert.deepEqual(statesOf(both, [3, 1, 4, 2]), ["met", "broken", "met", "broken"]);
    assert.deepEqual(statesOf(both, [7, 7, 7, 7]), ["met", "met", "broken", "broken"]);
  });

  it("leave the former PINs to the issuer", () => {
    assert.equal(statesOf({ ...solarisPinPolicy, pinHistory: 3 }, [1, 9, 2, 8]).at(-1), "open");
  });

  it("are broken exactly where the policy's own check refuses", () => {
    const policies = fc.record({
      minLength: fc.constant(4),
      maxLength: fc.constantFrom(4, 6, 12),
      sequences: fc.constantFrom("refuse_up_and_down", "refuse_any_order", "allow"),
      wrapAround: fc.boolean(),
      maxSameDigit: fc.constantFrom(1, 2, 12),
      denyList: fc.constantFrom([], ["1357", "0000"]),
      pinHistory: fc.constantFrom(0, 3),
    });
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(policies, digits, (policy, typed) => {
        fc.pre(typed.length <= policy.maxLength);
        const pin = new Pin(Uint8Array.from(typed, (digit) => 0x30 + digit));
        assert.equal(statesOf(policy, typed).includes("broken"), refuses(policy, pin));
      }),
    );
  });
});

function refuses(policy: PinPolicy, pin: Pin): boolean {
  try {
    checkPinPolicy(pin, policy);
    return false;
  } catch {
    return true;
  }
}
