import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultProgramSettings, settingsOf, storedSettingsOf } from "../../src/cards/program-settings.ts";

it("what a stored program lacks is the default", () => {
  const { formerPins, ...policy } = defaultProgramSettings.policy;
  const stored = { policy: { ...policy, maxLength: 6 }, triesAllowed: 5 };
  const program = { id: "older", name: "Older", createdAt: new Date(), settings: stored };
  assert.deepEqual(storedSettingsOf(program), {
    ...defaultProgramSettings,
    triesAllowed: 5,
    policy: { ...policy, maxLength: 6, formerPins },
  });
});

it("the server names by the field's terms what is stored under its first names", () => {
  const stored = { policy: { formerPins: 4 }, triesAllowed: 5, changeUnblocks: false, chipKeepsPin: true };
  const program = { id: "stored", name: "Stored", createdAt: new Date(), settings: stored };
  const { policy, ...rules } = settingsOf(program);
  assert.deepEqual(rules, {
    tryLimit: 5,
    changeUnblocks: false,
    offlinePin: true,
    nativeOnly: false,
    changeByCode: false,
    presentPinToBind: false,
  });
  assert.equal(policy.pinHistory, 4);
});
