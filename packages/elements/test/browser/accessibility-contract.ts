import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ElementPage, part } from "./element-page.ts";
import type { Stage } from "./set-stage.ts";

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
  pinHistory: 3,
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

/** Leads an element into the state with that name. */
export async function openState(
  { browser, server }: Stage,
  name: string,
  theme: "light" | "dark",
): Promise<ElementPage> {
  const { query, keys, shows } = states[name] ?? assert.fail();
  const element = await ElementPage.open(browser, server, { ...query, theme }, "axe");
  await element.page.evaluate(`void (${part("field")} ?? ${part("toggle")}).focus()`);
  for (const key of keys) await element.page.press(key);
  await element.until(`${part("panel")}.textContent.includes('${shows}')`);
  return element;
}

/** axe-core on states of both elements: on every one, unless some are named. */
export function testAccessibility(stage: () => Stage, theme: "light" | "dark", names = Object.keys(states)): void {
  describe(`axe-core finds nothing, ${theme}`, () => {
    for (const name of names)
      it(name, async () => {
        const element = await openState(stage(), name, theme);
        const { violations, checked } = (await element.page.evaluate(runAxe)) as AxeResult;
        assert.deepEqual(violations, []);
        assert.ok(checked.includes("color-contrast"), "axe looked inside");
        await element.close();
      });
  });
}

type AxeResult = { violations: string[]; checked: string[] };

const runAxe = `axe.run(document, { preload: false }).then(({ violations, passes }) => ({
  violations: violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html + ' ' + node.failureSummary)),
  checked: passes.map(({ id }) => id),
}))`;
