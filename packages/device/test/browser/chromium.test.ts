import { suite } from "node:test";
import { launchPuppeteer } from "@linchpin/test-fixtures/browsers/puppeteer-browser";
import { setStage } from "@linchpin/test-fixtures/device/stage";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testInBrowser } from "./browser-contract.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
suite("the device library in chromium", { skip }, () => testInBrowser(() => launchPuppeteer("chromium"), setStage()));
