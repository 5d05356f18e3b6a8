import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launchDebians } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";

describe("/docs", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  const skip = needsProgram(["chromium", "--version"], "chromium");
  it("shows every protocol's operations in Chromium, and breaks its policy nowhere", { skip }, async () => {
    const { browser, close } = await launchDebians("chromium");
    try {
      const page = await browser.newPage();
      const [faults, foreign]: string[][] = [[], []];
      page.on("console", (message) => {
        if (message.type() === "error") faults?.push(message.text());
      });
      page.on("pageerror", (error) => faults?.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith(issuer.url) && !request.url().startsWith("data:")) foreign?.push(request.url());
      });
      await page.goto(`${issuer.url}/docs#/adyen/adyenChangePin`);
      await page.waitForSelector("#operations-adyen-adyenChangePin.is-open .response-col_description");
      const text = await page.$eval("#docs", (element) => element.textContent ?? "");
      for (const words of ["solaris", "adyen", "venly", "plumery", "stripe", "native", "encryptedPinBlock"])
        assert.ok(text.includes(words), words);
      assert.deepEqual([faults, foreign], [[], []]);
    } finally {
      await close();
    }
  });
});
