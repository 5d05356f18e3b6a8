import { suite } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { launchPuppeteer } from "../../elements/test/puppeteer-browser.ts";
import { testInBrowser } from "./browser-contract.ts";
import { setStage } from "./stage.ts";

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
