import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { launchPuppeteer } from "./puppeteer-browser.ts";

const skip = needsProgram(["firefox-esr", "--version"], "firefox-esr");
describe("elements in firefox", { skip }, () => {
  describe("<linchpin-pin-change>", () => testPinChange(() => launchPuppeteer("firefox")));
  describe("<linchpin-pin-reveal>", () => testPinReveal(() => launchPuppeteer("firefox")));
});
