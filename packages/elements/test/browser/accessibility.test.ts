import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { openState, testAccessibility } from "./accessibility-contract.ts";
import { all, host, part } from "./element-page.ts";
import { setStage } from "./set-stage.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("accessibility", { skip }, () => {
  const stage = setStage(() => launchPuppeteer("chromium"));
  testAccessibility(stage, "light", ["change, rules met", "reveal, shown"]);

  it("keys are 44 by 44 pixels at least, other targets 24", async () => {
    const element = await openState(stage(), "change, repeating", "light");
    const sizes = (await element.page.evaluate(
      `[...${host}.shadowRoot.querySelectorAll('button')].filter((button) => button.checkVisibility()).map((button) => button.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))`,
    )) as number[];
    assert.equal(sizes.length, 13);
    assert.ok(Math.min(...sizes) >= 44);
    await element.close();
  });

  it("the tab key stops at field, pad and button, in the order in which one needs them", async () => {
    const element = await openState(stage(), "change, rules met", "light");
    const stops: unknown[] = [];
    for (const _ of ["field", "pad", "button"]) {
      stops.push(await element.page.evaluate(`${host}.shadowRoot.activeElement.getAttribute('part')`));
      await element.page.press("Tab");
    }
    assert.deepEqual(stops, ["field", "key", "button submit"]);
    await element.close();
  });

  it("names and roles are there for a screen reader", async () => {
    const element = await openState(stage(), "change, mismatch", "light");
    const described = `${part("field")}.getAttribute('aria-describedby').split(' ').map((id) => ${host}.shadowRoot.getElementById(id).textContent).join(' ')`;
    assert.match(String(await element.page.evaluate(described)), /not the same/);
    assert.equal(await element.page.evaluate(`${part("notice")}.getAttribute('role')`), "alert");
    assert.equal(await element.page.evaluate(`${part("pad")}.ariaLabel`), "Number pad");
    assert.equal(await element.page.evaluate(`${all("quiet-key")}.at(-1).ariaLabel`), "Delete last digit");
    await element.close();
  });
});
