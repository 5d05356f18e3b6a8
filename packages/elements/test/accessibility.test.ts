import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { all, ElementPage, host, part } from "./element-page.ts";
import { type PageServer, startPageServer } from "./page-server.ts";

const change = { element: "pin-change" };
const reveal = { element: "pin-reveal", pin: "4706" };
const toRepeat = ["1", "9", "2", "8", "Enter"];
const toSend = [...toRepeat, ...toRepeat];
const longPolicy = JSON.stringify({
  minLength: 4,
  maxLength: 12,
  sequences: "refuse_any_order",
  wrapAround: true,
  maxSameDigit: 2,
  denyList: ["1111"],
  formerPins: 3,
});

/** Every state of both elements: the query that opens it, the keys that lead there, and what is then read. */
const states: Readonly<Record<string, { query: Record<string, string>; keys: readonly string[]; shows: string }>> = {
  "change, at first": { query: change, keys: [], shows: "Choose your new PIN" },
  "change, digits typed": { query: change, keys: ["1", "9"], shows: "No digit more than 2 times" },
  "change, rules met": { query: change, keys: ["1", "9", "2", "8"], shows: "No digit more than 2 times: met" },
  "change, a rule broken": { query: change, keys: ["1", "2", "3", "4"], shows: "1234 or 4321: not met" },
  "change, refused": { query: change, keys: ["1", "2", "3", "4", "Enter"], shows: "too easy to guess" },
  "change, a long PIN": { query: { ...change, policy: longPolicy }, keys: [..."135792"], shows: "4 to 12 digits" },
  "change, repeating": { query: change, keys: toRepeat, shows: "Repeat your new PIN" },
  "change, mismatch": { query: change, keys: [...toRepeat, ..."1929", "Enter"], shows: "not the same" },
  "change, sending": { query: { ...change, answer: "wait" }, keys: toSend, shows: "Changing your PIN" },
  "change, done": { query: change, keys: toSend, shows: "has been changed" },
  "change, failed": { query: { ...change, answer: "unavailable" }, keys: toSend, shows: "Try again" },
  "change, failed for good": { query: { ...change, answer: "card_blocked" }, keys: toSend, shows: "card is blocked" },
  "change, outcome unknown": { query: { ...change, answer: "outcome_unknown" }, keys: toSend, shows: "not confirm" },
  "change, from right to left": { query: { ...change, lang: "ar", dir: "rtl" }, keys: ["1"], shows: "متابعة" },
  "reveal, hidden": { query: reveal, keys: [], shows: "Show PIN" },
  "reveal, loading": { query: { ...reveal, answer: "wait" }, keys: ["Enter"], shows: "Hide PIN" },
  "reveal, shown": { query: reveal, keys: ["Enter"], shows: "Hidden in" },
  "reveal, failed": { query: { ...reveal, answer: "unavailable" }, keys: ["Enter"], shows: "cannot be shown" },
};

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("accessibility", { skip }, () => {
  let browser: Browser;
  let server: PageServer;
  before(async () => {
    browser = await launchPuppeteer("chromium");
    server = await startPageServer();
  });
  after(async () => {
    await browser.close();
    server.close();
  });

  const openState = async (name: string, theme: string) => {
    const { query, keys, shows } = states[name] ?? assert.fail();
    const element = await ElementPage.open(browser, server, { ...query, theme }, "axe");
    await element.page.evaluate(`void (${part("field")} ?? ${part("toggle")}).focus()`);
    for (const key of keys) await element.page.press(key);
    await element.until(`${part("panel")}.textContent.includes('${shows}')`);
    return element;
  };

  for (const theme of ["light", "dark"])
    describe(`axe-core finds nothing, ${theme}`, () => {
      for (const name of Object.keys(states))
        it(name, async () => {
          const element = await openState(name, theme);
          const { violations, checked } = (await element.page.evaluate(runAxe)) as AxeResult;
          assert.deepEqual(violations, []);
          assert.ok(checked.includes("color-contrast"), "axe looked inside");
          await element.close();
        });
    });

  it("keys are 44 by 44 pixels at least, other targets 24", async () => {
    const element = await openState("change, repeating", "light");
    const sizes = (await element.page.evaluate(
      `[...${host}.shadowRoot.querySelectorAll('button')].filter((button) => button.checkVisibility()).map((button) => button.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))`,
    )) as number[];
    assert.equal(sizes.length, 13);
    assert.ok(Math.min(...sizes) >= 44);
    await element.close();
  });

  it("the tab key stops at field, pad and button, in the order in which one needs them", async () => {
    const element = await openState("change, rules met", "light");
    const stops: unknown[] = [];
    for (const _ of ["field", "pad", "button"]) {
      stops.push(await element.page.evaluate(`${host}.shadowRoot.activeElement.getAttribute('part')`));
      await element.page.press("Tab");
    }
    assert.deepEqual(stops, ["field", "key", "button submit"]);
    await element.close();
  });

  it("names and roles are there for a screen reader", async () => {
    const element = await openState("change, mismatch", "light");
    const described = `${part("field")}.getAttribute('aria-describedby').split(' ').map((id) => ${host}.shadowRoot.getElementById(id).textContent).join(' ')`;
    assert.match(String(await element.page.evaluate(described)), /not the same/);
    assert.equal(await element.page.evaluate(`${part("notice")}.getAttribute('role')`), "alert");
    assert.equal(await element.page.evaluate(`${part("pad")}.ariaLabel`), "Number pad");
    assert.equal(await element.page.evaluate(`${all("quiet-key")}.at(-1).ariaLabel`), "Delete last digit");
    await element.close();
  });
});

type AxeResult = { violations: string[]; checked: string[] };

const runAxe = `axe.run(document, { preload: false }).then(({ violations, passes }) => ({
  violations: violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html + ' ' + node.failureSummary)),
  checked: passes.map(({ id }) => id),
}))`;
