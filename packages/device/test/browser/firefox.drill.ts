import { suite } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { setStage } from "@linchpin/test-fixtures/device/stage";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testInBrowser } from "./browser-contract.ts";

const skip = needsProgram(["firefox-esr", "--version"], "firefox-esr");
suite("the device library in firefox", { skip }, () => testInBrowser(() => launchPuppeteer("firefox"), setStage()));
