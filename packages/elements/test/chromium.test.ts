import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { launchPuppeteer } from "./puppeteer-browser.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("elements in chromium", { skip }, () => {
  describe("<linchpin-pin-change>", () => testPinChange(() => launchPuppeteer("chromium")));
  describe("<linchpin-pin-reveal>", () => testPinReveal(() => launchPuppeteer("chromium")));
});
