import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { launchPuppeteer } from "../../elements/test/puppeteer-browser.ts";
import { testInBrowser } from "./browser-contract.ts";

const skip = needsProgram(["firefox-esr", "--version"], "firefox-esr");
describe("the device library in firefox", { skip }, () => testInBrowser(() => launchPuppeteer("firefox")));
