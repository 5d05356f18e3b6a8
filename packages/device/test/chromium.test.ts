import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { launchPuppeteer } from "../../elements/test/puppeteer-browser.ts";
import { testInBrowser } from "./browser-contract.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("the device library in chromium", { skip }, () => testInBrowser(() => launchPuppeteer("chromium")));
