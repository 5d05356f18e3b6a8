import { describe } from "node:test";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testPage } from "./page-contract.ts";

const skip = needsProgram(["firefox-esr", "--version"], "firefox-esr");
describe("the page in firefox", { skip }, () => testPage("firefox", { ways: ["type", "tap"], parts: "each" }));
