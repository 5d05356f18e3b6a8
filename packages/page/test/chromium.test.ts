import { describe } from "node:test";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testPage } from "./page-contract.ts";

const skip = needsProgram(["chromium", "--version"], "chromium");
describe("the page in chromium", { skip }, () => testPage("chromium", { ways: ["type"], parts: "first" }));
