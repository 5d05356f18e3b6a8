import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allRules } from "./rules.ts";
import { deeperScenarios } from "./scenarios.ts";
import { search } from "./search.ts";

// tests/model/model.test.ts with wider bounds.

describe("with all rules of the native protocol, and one more session of the relay's,", () => {
  for (const scenario of deeperScenarios)
    it(`${scenario.name}: no query fails that is claimed`, (test) => {
      const found = search({ scenario, rules: allRules });
      test.diagnostic(`${found.stateCount} states`);
      const notClaimed = Object.keys(scenario.notClaimed ?? {});
      assert.deepEqual(
        [...found.attacks.keys()].filter((query) => !notClaimed.includes(query)),
        [],
      );
    });
});
