import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { type ErrorCode, errorClassOf, errorCodes, LinchpinError, type Refusals } from "@linchpin/core";

/** What every protocol's `errors.ts` exports. */
interface ErrorModule {
  readonly describeError: (
    error: LinchpinError,
    explanation: string | undefined,
    requestId: string,
  ) => { status: number; body: unknown };
  readonly refusals: Refusals;
}

const policyCodes = errorCodes.filter((code) => errorClassOf(code) === "pinPolicy");

/** What the issuer raised for a word, where it is not the word's code on a device or, for `pin_refused`, a policy code. */
const translations: Readonly<Record<string, Readonly<Record<string, readonly ErrorCode[]>>>> = {
  spritz: { card_not_active: ["card_blocked", "card_terminated"] },
  plumery: { INVALID_CARD_STATE: ["card_blocked", "pin_blocked", "pin_not_set", "card_data_not_set"] },
};

const root = join(import.meta.dirname, "..");
const files = globSync("*/errors.ts", { cwd: root, exclude: ["dist/**"] });
test("every protocol's errors are found", () => {
  for (const protocol of ["solaris", "adyen", "venly", "plumery"]) assert.ok(files.includes(`${protocol}/errors.ts`));
});

for (const file of files) {
  const name = dirname(file);
  const { describeError, refusals }: ErrorModule = await import(join(root, file));
  const describe = (error: LinchpinError) => describeError(error, undefined, "request-1");
  const translated = translations[name] ?? {};
  suite(`${name}'s errors, both ways`, () => {
    const wordOf = (code: ErrorCode) => refusals.wordIn(describe(new LinchpinError(code)).body);

    test("every code has an answer", () => {
      for (const code of errorCodes) {
        const { status } = describe(new LinchpinError(code));
        assert.ok(status >= 400 && status < 600, code);
        assert.equal(typeof wordOf(code), "string", code);
      }
    });

    test("the rules of a PIN policy are one answer", () => {
      const answers = policyCodes.map((code) => [describe(new LinchpinError(code)).status, wordOf(code)]);
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
    });

    test("the issuer's own faults, and what only a device raises, are one 500", () => {
      for (const code of errorCodes.filter((code) => ["deviceHalf", "issuerFaults"].includes(errorClassOf(code))))
        assert.deepEqual([describe(new LinchpinError(code)).status, wordOf(code)], [500, wordOf("internal")]);
    });

    test("each word that a device reads is the issuer's word for that code", () => {
      for (const [word, code] of Object.entries(refusals.codes))
        for (const raised of translated[word] ?? (code === "pin_refused" ? policyCodes : [code]))
          assert.equal(wordOf(raised), word, raised);
    });

    test("a device finds no word in what is no answer of the protocol", () => {
      for (const body of [undefined, null, "", "text", 1, [], {}, { errors: {} }, { errors: [null] }, { code: 1 }])
        assert.equal(refusals.wordIn(body), undefined);
    });
  });
}
