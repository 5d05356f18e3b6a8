import { suite } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { setStage } from "@linchpin/test-fixtures/device/stage";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testInBrowser } from "./browser-contract.ts";

suite("the device library in a browser", () => {
  const enter = setStage();
  for (const [name, program] of [
    ["chromium", "chromium"],
    ["firefox", "firefox-esr"],
  ] as const)
    suite(name, { skip: needsProgram([program, "--version"], program) }, () =>
      testInBrowser(() => launchPuppeteer(name), enter),
    );
});
