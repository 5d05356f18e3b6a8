import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { corpusFolder, readCorpus } from "../../fuzz/corpus.ts";
import { Coverage } from "../../fuzz/coverage.ts";
import { allowedBlocks, judge } from "../../fuzz/target.ts";
import { targets } from "../../fuzz/targets.ts";

const coverage = new Coverage();

describe("what a search found stays found", () => {
  it("every folder of the corpus has its target", () => {
    assert.deepEqual(
      readdirSync(corpusFolder).filter((name) => !targets.has(name)),
      [],
    );
  });

  for (const [name, target] of targets)
    it(`${name}: its corpus breaks nothing`, async () => {
      const inputs = [...readCorpus(name).values(), ...target.seeds];
      const verdicts = new Set<string>();
      coverage.countBlocks();
      for (const input of inputs) {
        verdicts.add(await judge(target, input));
        assert.ok(coverage.countBlocks() <= allowedBlocks(input), "more work than is linear");
      }
      // A corpus that is all refused, or never, would search in front of a closed door or behind an open one.
      assert.ok(verdicts.has("taken") || (name.startsWith("device-") && name.endsWith("-reveal")), "none was taken");
      assert.ok(verdicts.size > 1 || target.refusals.length === 0, "none was refused");
    });
});
