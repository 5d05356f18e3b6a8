import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import type { QueryName } from "./queries.ts";
import type { Step } from "./relay.ts";
import { allRules, type RuleName, ruleNames, type SecondLine, secondLines, without } from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import { experiments, limits, scenarios } from "./scenarios.ts";
import { search } from "./search.ts";
import { tablesOf } from "./table.ts";

// A bounded Dolev-Yao search over the native protocol: docs/native-model.md says what is modelled and what is not claimed.

const attacks = new Map<RuleName, readonly Step[]>();

describe("with all rules of the native protocol, within these bounds,", () => {
  for (const scenario of Object.values<Scenario>(scenarios))
    it(`${scenario.name}: no query fails that is claimed, and honest runs come to their end`, () => {
      const found = search({ scenario, rules: allRules });
      const notClaimed = Object.keys(scenario.notClaimed ?? {});
      assert.deepEqual(
        [...found.attacks.keys()].filter((query) => !notClaimed.includes(query)),
        [],
      );
      assert.notEqual(found.honest, null);
    });

  for (const { scenario, fails } of limits)
    it(`${scenario.name}: ${fails} is not claimed, as it fails`, () => {
      const found = search({ scenario, rules: allRules }, { until: fails });
      assert.ok(found.attacks.has(fails));
    });
});

describe("without one rule", () => {
  for (const name of ruleNames)
    it(`${name}: ${experiments[name].fails} fails`, () => {
      const { scenario, fails }: { scenario: keyof typeof scenarios; fails: QueryName } = experiments[name];
      const notClaimed: Scenario["notClaimed"] = (scenarios[scenario] satisfies Scenario as Scenario).notClaimed;
      assert.equal(notClaimed?.[fails], undefined, "the query holds while the rule is there");
      const found = search({ scenario: scenarios[scenario], rules: without(name) }, { until: fails });
      const attack = found.attacks.get(fails);
      assert.ok(attack, "an attack was found");
      attacks.set(name, attack);
    });

  for (const name of Object.keys(secondLines) as SecondLine[])
    for (const scenario of [scenarios["old keys leak"], scenarios["an old sealing key and a stored session"]])
      it(`${name}, which stands behind another: nothing fails in "${scenario.name}"`, () => {
        assert.deepEqual([...search({ scenario, rules: without(name) }).attacks.keys()], []);
      });
});

it("docs/native-model.md has the attacks that were found", () => {
  const page = new URL("../../docs/native-model.md", import.meta.url);
  const text = readFileSync(page, "utf8");
  const [head] = text.split("## Each rule taken out");
  const expected = `${head}${tablesOf(attacks)}`;
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, expected);
  assert.equal(
    readFileSync(page, "utf8"),
    expected,
    "out of date: UPDATE_DOCS=1 npm test -- tests/model/model.test.ts",
  );
});
