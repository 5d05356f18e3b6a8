import { describe } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testAccessibility } from "./accessibility-contract.ts";
import { setStage } from "./set-stage.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("accessibility of every state", { skip }, () => {
  const stage = setStage(() => launchPuppeteer("chromium"));
  for (const theme of ["light", "dark"] as const) testAccessibility(stage, theme);
});
