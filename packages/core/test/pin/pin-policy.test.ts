import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  checkPinPolicy,
  type ErrorCode,
  LinchpinError,
  Pin,
  type PinPolicy,
  solarisPinPolicy,
  utf8,
} from "../../src/index.ts";

type Verdict = ErrorCode | "ok";

const wrapping: PinPolicy = { ...solarisPinPolicy, wrapAround: true };
const anyOrder: PinPolicy = { ...solarisPinPolicy, sequences: "refuse_any_order" };
const anyOrderWrapping: PinPolicy = { ...anyOrder, wrapAround: true };
const long: PinPolicy = { ...solarisPinPolicy, minLength: 4, maxLength: 12, maxSameDigit: 12 };

const table: readonly (readonly [string, PinPolicy, Readonly<Record<string, Verdict>>])[] = [
  [
    "Solaris",
    solarisPinPolicy,
    {
      "1122": "ok",
      "1123": "ok",
      "1928": "ok",
      "7890": "ok",
      "9012": "ok",
      "0987": "ok",
      "2109": "ok",
      "3142": "ok",
      "1357": "ok",
      "0000": "pin_repeats",
      "1111": "pin_repeats",
      "1112": "pin_repeats",
      "2111": "pin_repeats",
      "1121": "pin_repeats",
      "0123": "pin_sequence",
      "1234": "pin_sequence",
      "6789": "pin_sequence",
      "4321": "pin_sequence",
      "9876": "pin_sequence",
      "3210": "pin_sequence",
      "12345": "pin_length",
      "192837": "pin_length",
      "192837465019": "pin_length",
    },
  ],
  [
    "0 follows 9",
    wrapping,
    {
      "7890": "pin_sequence",
      "8901": "pin_sequence",
      "9012": "pin_sequence",
      "0987": "pin_sequence",
      "1098": "pin_sequence",
      "2109": "pin_sequence",
      "1234": "pin_sequence",
      "9013": "ok",
      "9091": "ok",
      "9870": "ok",
    },
  ],
  [
    "neighbours in any order",
    anyOrder,
    {
      "3142": "pin_sequence",
      "2413": "pin_sequence",
      "1234": "pin_sequence",
      "9678": "pin_sequence",
      "9081": "ok",
      "1124": "ok",
      "1223": "ok",
      "1356": "ok",
    },
  ],
  [
    "neighbours in any order, 0 follows 9",
    anyOrderWrapping,
    { "9081": "pin_sequence", "0918": "pin_sequence", "3142": "pin_sequence", "9082": "ok", "9901": "ok" },
  ],
  [
    "sequences allowed",
    { ...solarisPinPolicy, sequences: "allow" },
    { "1234": "ok", "4321": "ok", "1112": "pin_repeats" },
  ],
  ["no digit twice", { ...solarisPinPolicy, maxSameDigit: 1 }, { "1122": "pin_repeats", "1928": "ok" }],
  [
    "a deny list",
    { ...solarisPinPolicy, denyList: ["1928", "19", "19281", "1234"] },
    { "1928": "pin_denied", "1234": "pin_denied", "1929": "ok", "8291": "ok" },
  ],
  [
    "4 to 12 digits",
    long,
    {
      "1234567": "pin_sequence",
      "0123456789": "pin_sequence",
      "9876543210": "pin_sequence",
      "12345678901": "ok",
      "135792468013": "ok",
      "1111": "ok",
    },
  ],
  [
    "4 to 12 digits, 0 follows 9",
    { ...long, wrapAround: true },
    { "123456789012": "pin_sequence", "210987654321": "pin_sequence", "123456789013": "ok" },
  ],
  [
    "4 to 12 digits in any order, 0 follows 9",
    { ...long, wrapAround: true, sequences: "refuse_any_order" },
    { "103254769821": "pin_sequence", "012345678911": "ok", "012345678955": "ok", "111222333444": "ok" },
  ],
  [
    "6 to 8 digits",
    { ...long, minLength: 6, maxLength: 8 },
    { "19283": "pin_length", "192837": "ok", "192837465": "pin_length" },
  ],
];

for (const [name, policy, verdicts] of table)
  suite(`policy: ${name}`, () => {
    for (const [digits, verdict] of Object.entries(verdicts))
      test(`${digits}: ${verdict}`, () => {
        assert.equal(judge(digits, policy), verdict);
      });
  });

test("a refusal names the field and not the PIN", () => {
  assert.throws(
    () => checkPinPolicy(new Pin(utf8("4321")), solarisPinPolicy),
    (error) =>
      error instanceof LinchpinError && error.field === "pin" && !`${error.stack}${error.reason}`.includes("4321"),
  );
});

suite("all 10,000 PINs are judged as the plain reading of the rule judges them", () => {
  const policies = {
    Solaris: solarisPinPolicy,
    wrapping,
    "any order": anyOrder,
    "any order, wrapping": anyOrderWrapping,
  };
  for (const [name, policy] of Object.entries(policies))
    test(name, () => {
      for (let number = 0; number < 10_000; number++) {
        const digits = String(number).padStart(4, "0");
        assert.equal(judge(digits, policy), plainReading(digits, policy), digits);
      }
    });
});

test("longer PINs and other policies too", () => {
  const policies = fc.record({
    minLength: fc.integer({ min: 4, max: 8 }),
    maxLength: fc.integer({ min: 6, max: 12 }),
    sequences: fc.constantFrom("refuse_up_and_down", "refuse_any_order", "allow"),
    wrapAround: fc.boolean(),
    maxSameDigit: fc.integer({ min: 1, max: 12 }),
    denyList: fc.constantFrom([], ["0123", "192837"]),
    pinHistory: fc.constant(0),
  });
  fc.assert(
    fc.property(pinTexts(), policies, (digits, policy) => {
      assert.equal(judge(digits, policy), plainReading(digits, policy));
    }),
    { numRuns: 3000 },
  );
});

function judge(digits: string, policy: PinPolicy): Verdict {
  try {
    checkPinPolicy(new Pin(utf8(digits)), policy);
    return "ok";
  } catch (error) {
    assert.ok(error instanceof LinchpinError);
    return error.code;
  }
}

/** Written from the rules' wording, with texts and lists of all that is forbidden, as the code does not do it. */
function plainReading(digits: string, policy: PinPolicy): Verdict {
  if (digits.length < policy.minLength || digits.length > policy.maxLength) return "pin_length";
  if (policy.denyList.includes(digits)) return "pin_denied";
  const road = policy.wrapAround ? "0123456789".repeat(3) : "0123456789";
  const sorted = (text: string) => [...text].sort().join("");
  for (let start = 0; start + digits.length <= road.length; start++) {
    const run = road.slice(start, start + digits.length);
    const isUpOrDown = digits === run || digits === [...run].reverse().join("");
    const isInAnyOrder = sorted(digits) === sorted(run);
    if (policy.sequences === "refuse_up_and_down" && isUpOrDown) return "pin_sequence";
    if (policy.sequences === "refuse_any_order" && isInAnyOrder) return "pin_sequence";
  }
  const tooOften = new RegExp(`(.)(.*\\1){${policy.maxSameDigit}}`);
  return tooOften.test(digits) ? "pin_repeats" : "ok";
}

/** Random digits, runs up and down, and runs shuffled, so that both verdicts come up. */
function pinTexts(): fc.Arbitrary<string> {
  const random = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 4, maxLength: 12 });
  const run = fc.tuple(fc.nat(9), fc.integer({ min: 4, max: 12 }), fc.constantFrom(1, -1));
  const digitsOf = ([start, length, step]: [number, number, number]) =>
    Array.from({ length }, (_, index) => (start + step * index + 20) % 10);
  const inOrder = run.map((from) => digitsOf(from).join(""));
  const shuffled = run.chain((from) => {
    const indices = Array.from({ length: from[1] }, (_, index) => index);
    return fc
      .shuffledSubarray(indices, { minLength: indices.length })
      .map((order) => order.map((index) => digitsOf(from)[index]).join(""));
  });
  return fc.oneof(random, inOrder, shuffled);
}
