import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { ElementPage } from "./browser/element-page.ts";
import { type PageServer, startPageServer } from "./browser/page-server.ts";

it("README.md shows the component that is tested here", () => {
  const [readme, component] = ["../README.md", "browser/page/change-your-pin.tsx"].map((file) =>
    readFileSync(join(import.meta.dirname, file), "utf8"),
  );
  assert.ok(readme?.includes(`\`\`\`tsx\n${component}\`\`\``));
});

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("elements in React", { skip }, () => {
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

  const changePin = async (element: ElementPage, digits: string) => {
    await element.focusField();
    for (const _ of ["choose", "repeat"]) {
      await element.type(digits);
      await element.page.press("Enter");
    }
  };

  for (const way of ["", "hydrate"])
    it(`call the newest function, ${way || "rendered"}`, async () => {
      const element = await ElementPage.open(browser, server, { [way]: "" }, "open", "/react");
      await changePin(element, "1928");
      await element.untilTitle("Your PIN has been changed");
      await element.until("document.body.dataset.changes === '1'");
      await element.page.evaluate(`void document.querySelector("linchpin-pin-change").reset()`);
      await changePin(element, "1928");
      await element.untilTitle("Your PIN has been changed");
      assert.deepEqual(await element.events(), ["change after 0", "change after 1"]);
      await element.close();
    });

  it("take properties, attributes and listeners from JSX", async () => {
    const element = await ElementPage.open(browser, server, { further: "" }, "open", "/react");
    await changePin(element, "1928");
    await element.until(`document.querySelector("linchpin-pin-change").policy.maxLength === 6`);
    await changePin(element, "192837");
    await element.until("eventsOfOurs.length === 2");
    assert.deepEqual(await element.events(), ["change to 4 digits", "change to 6 digits"]);
    const reveal = "document.querySelector('linchpin-pin-reveal')";
    await element.page.evaluate(`void ${reveal}.shadowRoot.querySelector("button").click()`);
    await element.until("eventsOfOurs.includes('pin-shown')");
    assert.equal(await element.page.evaluate(`${reveal}.getAttribute("hide-after")`), "5");
    await element.close();
  });
});
