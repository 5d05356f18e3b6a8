import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultProgramSettings, settingsOf } from "../src/cards/program-settings.ts";

it("what a stored program lacks is the default", () => {
  const { formerPins, ...policy } = defaultProgramSettings.policy;
  const stored = { policy: { ...policy, maxLength: 6 }, triesAllowed: 5 };
  const program = { id: "older", name: "Older", createdAt: new Date(), settings: stored };
  assert.deepEqual(settingsOf(program), {
    ...defaultProgramSettings,
    triesAllowed: 5,
    policy: { ...policy, maxLength: 6, formerPins },
  });
});
