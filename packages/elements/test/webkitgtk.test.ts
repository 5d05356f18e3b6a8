import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { launchWebKit } from "./webkit-browser.ts";

const skip =
  needsProgram(["WebKitWebDriver", "--help"], "webkit2gtk-driver") || needsProgram(["xvfb-run", "--help"], "xvfb");
describe("elements in WebKitGTK", { skip }, () => {
  describe("<linchpin-pin-change>", () => testPinChange(launchWebKit));
  describe("<linchpin-pin-reveal>", () => testPinReveal(launchWebKit));
});
