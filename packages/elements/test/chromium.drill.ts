import { describe } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testFailedChange, testFailedReveal } from "./failure-contract.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { setStage } from "./set-stage.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("elements in chromium", { skip }, () => {
  const stage = setStage(() => launchPuppeteer("chromium"));
  describe("<linchpin-pin-change>", () => {
    testPinChange(stage);
    testFailedChange(stage);
  });
  describe("<linchpin-pin-reveal>", () => {
    testPinReveal(stage);
    testFailedReveal(stage);
  });
});
