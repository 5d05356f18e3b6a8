import { describe } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testFailedChange, testFailedReveal } from "./failure-contract.ts";
import { setStage } from "./set-stage.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("failures that the elements show in chromium", { skip }, () => {
  const stage = setStage(() => launchPuppeteer("chromium"));
  describe("<linchpin-pin-change>", () => testFailedChange(stage));
  describe("<linchpin-pin-reveal>", () => testFailedReveal(stage));
});
