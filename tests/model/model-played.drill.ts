import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { play } from "./play.ts";
import { messageLengths, playOnDevice } from "./play-on-device.ts";
import { makePlayedWorld } from "./played-world.ts";
import type { QueryName } from "./queries.ts";
import type { Step } from "./relay.ts";
import { allRules, type RuleName, ruleNames, rules, without } from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import { experiments, scenarios } from "./scenarios.ts";
import { search } from "./search.ts";

// The attacks that the model finds where a rule is out, played where it is in.

describe("played against a running issuer,", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  describe("an attack of the model is refused where its rule stands", () => {
    for (const name of ruleNames.filter((each) => each !== "constant-size"))
      it(`${name}: ${rules[name].enforced.by}, ${rules[name].enforced.code}`, async () => {
        const { scenario, steps } = attackOn(name);
        const refusal = needsIssuersKeys(steps)
          ? await playOnDevice(scenario, steps)
          : await play({ world: await makePlayedWorld(issuer.url, scenario), scenario }, steps);
        assert.deepEqual(refusal, rules[name].enforced);
      });

    it("constant-size: a sealed message is as long for each PIN", async () => {
      const lengths = await messageLengths();
      assert.deepEqual(
        lengths.map((length) => `${length} bytes`),
        lengths.map(() => rules["constant-size"].enforced.code),
      );
    });
  });

  describe("what the model does without an attack, the issuer and the device do", () => {
    const played = Object.values<Scenario>(scenarios).filter(
      (each) => !each.stolen && !each.isConcurrent && each.runs.length > 0,
    );
    for (const scenario of played)
      it(scenario.name, async () => {
        const { honest } = search({ scenario, rules: allRules }, { until: "honest" });
        assert.ok(honest);
        assert.equal(await play({ world: await makePlayedWorld(issuer.url, scenario), scenario }, honest), null);
      });
  });
});

function attackOn(name: RuleName): { scenario: Scenario; steps: readonly Step[] } {
  const { scenario: at, fails }: { scenario: keyof typeof scenarios; fails: QueryName } = experiments[name];
  const scenario: Scenario = scenarios[at];
  const steps = search({ scenario, rules: without(name) }, { until: fails }).attacks.get(fails);
  assert.ok(steps, "the model has an attack");
  return { scenario, steps };
}

/** A session that the running issuer would not make, or another list of its keys. */
function needsIssuersKeys(steps: readonly Step[]): boolean {
  return steps.some((step) => step.step === "hand" && (step.request === undefined || step.manifest.name !== "current"));
}
