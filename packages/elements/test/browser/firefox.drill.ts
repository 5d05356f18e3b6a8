import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testElements } from "./elements-contract.ts";

testElements("firefox", needsProgram(["firefox-esr", "--version"], "firefox-esr"), () => launchPuppeteer("firefox"));
