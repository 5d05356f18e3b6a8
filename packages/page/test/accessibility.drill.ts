import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { launchDebians, type PageOpener } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { SandboxPage } from "./sandbox-page.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
/** What axe-core finds, as text. */
const violations = `(async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target).join("; "));
})()`;
const changed = "Your PIN has been changed";

const changeByAdyen = async (page: SandboxPage) => {
  await page.choose("Adyen", "Change the PIN");
  await page.chooseAndRepeat("9073");
};

/** Every state of the page; those of the elements have tests of their own. */
const states: Readonly<Record<string, (page: SandboxPage) => Promise<void>>> = {
  "at first": async () => {},
  "a code is asked for": async (page) => {
    await page.choose("Solaris", "Set up this phone");
    await page.press("Make a key");
    await page.until("document.querySelector('.sms')");
  },
  "a code was wrong": async (page) => {
    await page.choose("Solaris", "Change the PIN by code");
    await page.chooseAndRepeat("9073");
    await page.until("document.querySelector('.sms')");
    await page.fillIn("000000");
    await page.untilSaid("not the code");
  },
  "a native code and the card's digits are asked for": async (page) => {
    await page.choose("Native", "Set up this phone");
    await page.press("Make a key");
    await page.until("document.querySelector('.sms')");
    await page.fillInDigits();
  },
  "the partner has read a PIN": async (page) => {
    await page.chooseTrust("none");
    await page.chooseRelayFault("reads-by-swapped-key");
    await changeByAdyen(page);
    await page.untilAttack("succeeded", "now knows the PIN");
  },
  "the partner has bound a device, which no root stops": async (page) => {
    await page.chooseRelayFault("binds-own-device");
    await page.choose("Solaris", "Set up this phone");
    await page.press("Make a key");
    await page.until("document.querySelector('.sms')");
    await page.fillIn(await page.code());
    await page.untilSaid("Roots do not stop this");
  },
  "a card for the native protocol alone": async (page) => {
    await page.chooseProgram("native");
    await page.untilSaid("the app asks for no code of theirs");
  },
  "the phone has stopped the partner": async (page) => {
    await page.chooseRelayFault("reads-by-swapped-key");
    await changeByAdyen(page);
    await page.untilAttack("stopped", "no root");
  },
  "a PIN was changed": async (page) => {
    await changeByAdyen(page);
    await page.untilSaid(changed);
    await page.until("document.querySelector('.chain li:nth-child(3)')");
  },
  "a message was refused, and is looked at": async (page) => {
    await page.chooseRelayFault("alters-messages");
    await changeByAdyen(page);
    await page.untilSaid("was not changed");
    await page.page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
  },
  "a terminal declined": async (page) => {
    await changeByAdyen(page);
    await page.untilSaid(changed);
    await page.type(".terminal sandbox-pin-entry", "1111");
    await page.untilSaid("2 tries left");
  },
  "a payment waits for its PIN": async (page) => {
    await page.choose("Venly", "Choose a signing PIN");
    await page.chooseAndRepeat("907351");
    await page.untilSaid(changed);
    await page.choose("Venly", "Pay 20.00 €");
    await page.until("inside('.screen sandbox-pin-entry', '[part~=field]')");
  },
  "a phone that has no key yet": async (page) => {
    await page.choose("Solaris", "Change the PIN");
    await page.untilSaid("has no key yet");
  },
  "an Arabic phone": async (page) => {
    await page.page.select(".choice select", "ar");
    await page.choose("Adyen", "Change the PIN");
  },
  "keys rotated, chains verified": async (page) => {
    await page.unfold("Keys");
    await page.unfold("Audit chain");
    await page.press("Rotate");
    await page.untilListed("adyen-pan-reveal2+1 accepted");
    await page.press("Verify the chains");
    await page.untilSaid("links hold");
  },
};

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("accessibility of the page", { skip }, () => {
  let issuer: SandboxIssuer;
  let browser: PageOpener;
  let closeBrowser = async () => {};
  before(async () => {
    issuer = await startSandboxIssuer();
    ({ browser, close: closeBrowser } = await launchDebians("chromium"));
  });
  after(async () => {
    await closeBrowser();
    await issuer.stop();
  });

  for (const [name, lead] of Object.entries(states))
    it(`${name}: nothing that axe-core finds, light and dark, on a desk and on a phone`, async () => {
      const page = await SandboxPage.open(browser, issuer.url, "open");
      try {
        await lead(page);
        await page.page.evaluate(axe);
        for (const width of [1440, 390])
          for (const value of ["light", "dark"]) {
            await page.page.setViewport({ width, height: 1000 });
            await page.page.emulateMediaFeatures([
              { name: "prefers-color-scheme", value },
              { name: "prefers-reduced-motion", value: "reduce" },
            ]);
            const found = await page.page.evaluate(violations);
            assert.deepEqual(found, [], `${width} px, ${value}`);
          }
      } finally {
        await page.close();
      }
    });
});
