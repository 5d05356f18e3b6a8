import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "@linchpin/test-fixtures/browsers/browser";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { type PageServer, startPageServer } from "./browser/page-server.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("elements in the operator's frame", { skip }, () => {
  let browser: Browser;
  let partner: PageServer;
  let operator: PageServer;
  before(async () => {
    browser = await launchPuppeteer("chromium");
    [partner, operator] = await Promise.all([startPageServer(), startPageServer()]);
  });
  after(async () => {
    await browser.close();
    partner.close();
    operator.close();
  });

  /** Opens the partner's page and changes a PIN in the frame, by keyboard, and one digit by the pad. */
  const changePin = async (query: Record<string, string> = {}) => {
    const page = await browser.open(
      `${partner.origin}/framing?${new URLSearchParams({ frame: operator.origin, ...query })}`,
    );
    await until(page, "document.querySelector('iframe')");
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.querySelector('iframe');
      frame.addEventListener('load', resolve);
      frame.src = frame.src;
    })`);
    await page.evaluate("document.querySelector('iframe').focus()");
    await page.press("Tab");
    for (const _ of ["choose", "repeat"]) for (const key of ["1", "9", "2", "8", "Enter"]) await page.press(key);
    return page;
  };

  it("change a PIN; the partner's page meets the sealed message and the outcome, no key and no click", async () => {
    const page = await changePin();
    await until(page, "eventsOfOurs.length > 0");
    assert.deepEqual(await page.evaluate("eventsOfOurs"), ["pin-changed"]);
    assert.deepEqual(await page.evaluate("relayed"), [{ body: "sealed" }]);
    assert.deepEqual(await page.evaluate("heard"), [
      { data: { linchpin: "send", message: { body: "sealed" } }, origin: operator.origin },
      { data: { linchpin: "pin-changed", detail: null }, origin: operator.origin },
    ]);
    await page.close();
  });

  it("reach a partner that writes the operator's origin with a slash and capitals", async () => {
    const page = await changePin({ trusts: `${operator.origin.replace("http", "HTTP")}/` });
    await until(page, "eventsOfOurs.length > 0");
    assert.deepEqual(await page.evaluate("eventsOfOurs"), ["pin-changed"]);
    await page.close();
  });

  it("a relay that is offline is `unreachable`", async () => {
    const page = await changePin({ offline: "" });
    await until(page, "eventsOfOurs.length > 0");
    assert.deepEqual(await page.evaluate("eventsOfOurs"), ["unreachable"]);
    await page.close();
  });

  it("send nothing to a page of another origin than the operator named", async () => {
    const page = await changePin({ parent: "http://127.0.0.1:9" });
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 800))");
    assert.deepEqual(await page.evaluate("heard"), []);
    await page.close();
  });

  it("are not listened to from another origin than the partner named, nor is any other window", async () => {
    const page = await changePin({ trusts: "http://127.0.0.1:9" });
    await page.evaluate("window.postMessage({ linchpin: 'pin-changed' }, '*')");
    await until(page, "heard.some(({ data }) => data?.linchpin === 'pin-changed')");
    await until(page, "heard.some(({ data }) => data?.linchpin === 'pin-change-failed')");
    assert.deepEqual(await page.evaluate("relayed"), []);
    assert.deepEqual(await page.evaluate("eventsOfOurs"), []);
    await page.close();
  });
});

async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await page.evaluate(`Boolean(${expression})`)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never came true: ${expression}`);
}
