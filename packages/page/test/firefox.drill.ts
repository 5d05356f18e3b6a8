import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { testPage } from "./page-contract.ts";

const skip = needsProgram(["firefox-esr", "--version"], "firefox-esr");
describe("the page in firefox", { skip }, () => testPage("firefox"));
