import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerTo, type ErrorAnswers, errorClassOf, errorCodes, type PinPolicyCode } from "../../src/index.ts";

const answers: ErrorAnswers<number> = {
  pinPolicy: 1,
  message: 2,
  deviceHalf: 3,
  keys: { key_unknown: 41, key_expired: 42, key_mismatch: 43 },
  callers: 5,
  capacity: 6,
  cards: 7,
  persons: 8,
  devices: 9,
  signingMethods: 10,
  idempotency: 15,
  requests: 11,
  headers: 12,
  issuerFaults: 13,
  sessions: 14,
};

describe("a table of answers", () => {
  it("answers every code, by its class or by itself", () => {
    for (const code of errorCodes) assert.equal(typeof answerTo(answers, code), "number", code);
    assert.equal(answerTo(answers, "pin_reused"), 1);
    assert.equal(answerTo(answers, "key_expired"), 42);
    assert.equal(answerTo(answers, "internal"), 13);
  });

  it("takes tuples, which are answers and not the codes of a class", () => {
    const tuples: ErrorAnswers<readonly [number, string]> = {
      ...(Object.fromEntries(Object.keys(answers).map((name) => [name, [500, name]])) as unknown as ErrorAnswers<
        readonly [number, string]
      >),
      capacity: { rate_limited: [429, "limit"], unavailable: [503, "later"] },
    };
    assert.deepEqual(answerTo(tuples, "pin_length"), [500, "pinPolicy"]);
    assert.deepEqual(answerTo(tuples, "unavailable"), [503, "later"]);
  });

  it("does not compile without a class, or without a code of a class", () => {
    const { headers: _, ...withoutClass } = answers;
    // @ts-expect-error: no answer for the class `headers`
    const first: ErrorAnswers<number> = withoutClass;
    // @ts-expect-error: no answer for `unavailable`
    const second: ErrorAnswers<number> = { ...answers, capacity: { rate_limited: 429 } };
    assert.ok(first && second);
  });
});

describe("classes of codes", () => {
  it("have what a PIN policy refuses in one", () => {
    const policyCodes: Record<PinPolicyCode, true> = {
      pin_length: true,
      pin_sequence: true,
      pin_repeats: true,
      pin_denied: true,
      pin_reused: true,
    };
    const ofClass = errorCodes.filter((code) => errorClassOf(code) === "pinPolicy");
    assert.deepEqual(ofClass, Object.keys(policyCodes));
  });

  it("have each code once", () => {
    assert.equal(new Set(errorCodes).size, errorCodes.length);
  });
});
