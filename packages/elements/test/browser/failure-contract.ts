import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ElementPage, part } from "./element-page.ts";
import type { Stage } from "./set-stage.ts";

/** Every code with which a change fails, as `<linchpin-pin-change>` shows it. */
export function testFailedChange(stage: () => Stage): void {
  describe("a failure is shown in a cardholder's words", () => {
    const notChanged = "Your PIN was not changed";
    const unknown = "We could not confirm the change";
    for (const [code, title, text, retry] of [
      ["pin_reused", notChanged, /used this PIN before/, "Choose another PIN"],
      ["pin_denied", notChanged, /too easy to guess/, "Choose another PIN"],
      ["card_blocked", notChanged, /card is blocked/, ""],
      ["replayed", notChanged, /try again/, "Try again"],
      ["key_expired", notChanged, /try again/, "Try again"],
      ["token_expired", notChanged, /Sign in/, ""],
      ["device_unknown", notChanged, /not registered/, ""],
      ["random_unavailable", notChanged, /another browser/, ""],
      ["unavailable", notChanged, /cannot be reached/, "Try again"],
      ["platform_failed", notChanged, /nothing was sent/, "Try again"],
      ["aborted", notChanged, /nothing was sent/, "Try again"],
      ["outcome_unknown", unknown, /Set your PIN again/, "Try again"],
      ["TypeError", unknown, /Set your PIN again/, "Try again"],
    ] as const)
      it(code, async () => {
        const element = await ElementPage.open(stage().browser, stage().server, {
          element: "pin-change",
          answer: code,
        });
        await element.focusField();
        for (const _ of ["choose", "repeat"]) {
          await element.type("1928");
          await element.page.press("Enter");
        }
        await element.untilTitle(title);
        assert.match(await element.text("text"), text);
        assert.equal(await element.text("retry"), retry);
        assert.match(await element.spoken(), text);
        assert.equal(await element.page.evaluate("isWiped()"), true);
        const told = code === "TypeError" ? "internal" : code;
        assert.deepEqual(await element.events(), [`pin-change-failed {"code":"${told}"}`]);
        if (retry !== "") {
          await element.page.press("Enter");
          assert.equal(await element.text("title"), "Choose your new PIN", "the focus is on the way on");
          assert.equal(await element.count("full"), 0);
        }
        await element.close();
      });
  });
}

/** Every code with which a reveal fails, as `<linchpin-pin-reveal>` shows it. */
export function testFailedReveal(stage: () => Stage): void {
  for (const [code, text, next] of [
    ["pin_not_set", /does not have a PIN yet/, ""],
    ["pin_blocked", /blocked after too many/, ""],
    ["unavailable", /cannot be reached/, "Try again"],
    ["internal", /went wrong on our side/, "Try again"],
    ["TypeError", /went wrong on our side/, "Try again"],
  ] as const)
    it(`${code} is shown in a cardholder's words`, async () => {
      const query = { element: "pin-reveal", pin: "4706", answer: code };
      const element = await ElementPage.open(stage().browser, stage().server, query);
      await element.click(part("toggle"));
      await element.untilTitle("Your PIN cannot be shown");
      assert.match(await element.text("text"), text);
      assert.match(await element.spoken(), text);
      assert.equal(await element.text("toggle"), next);
      const told = code === "TypeError" ? "internal" : code;
      assert.deepEqual(await element.events(), [`pin-reveal-failed {"code":"${told}"}`]);
      await element.close();
    });
}
