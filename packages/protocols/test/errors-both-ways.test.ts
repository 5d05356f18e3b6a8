import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type ErrorCode, errorClassOf, errorCodes, LinchpinError, type Refusals } from "@linchpin/core";
import * as adyen from "@linchpin/protocols/adyen/errors";
import * as plumery from "@linchpin/protocols/plumery/errors";
import * as solaris from "@linchpin/protocols/solaris/errors";
import * as venly from "@linchpin/protocols/venly/errors";

interface Protocol {
  readonly describe: (error: LinchpinError) => { status: number; body: unknown };
  readonly refusals: Refusals;
  /** Words whose code on a device is not the one that the issuer raised. */
  readonly translated: Readonly<Record<string, readonly ErrorCode[]>>;
}

const policyCodes = errorCodes.filter((code) => errorClassOf(code) === "pinPolicy");

const protocols: Record<string, Protocol> = {
  Solaris: {
    describe: (error) => solaris.describeError(error, undefined, "request-1"),
    refusals: solaris.refusals,
    translated: { invalid_pin: policyCodes },
  },
  Adyen: {
    describe: (error) => adyen.describeError(error, undefined, "request-1"),
    refusals: adyen.refusals,
    translated: { "31_011": policyCodes },
  },
  Venly: { describe: (error) => venly.describeError(error), refusals: venly.refusals, translated: {} },
  Plumery: {
    describe: (error) => plumery.describeError(error, undefined, "request-1"),
    refusals: plumery.refusals,
    translated: { INVALID_CARD_STATE: ["card_blocked", "pin_blocked", "pin_not_set", "card_data_not_set"] },
  },
};

for (const [name, { describe, refusals, translated }] of Object.entries(protocols))
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
        for (const raised of translated[word] ?? [code]) assert.equal(wordOf(raised), word, raised);
    });

    test("a device finds no word in what is no answer of the protocol", () => {
      for (const body of [undefined, null, "", "text", 1, [], {}, { errors: {} }, { errors: [null] }, { code: 1 }])
        assert.equal(refusals.wordIn(body), undefined);
    });
  });
