import { describe } from "node:test";
import { needsProgram } from "../../../tests/system-package.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { setStage } from "./set-stage.ts";
import { launchWebKit } from "./webkit-browser.ts";

const skip =
  needsProgram(["WebKitWebDriver", "--help"], "webkit2gtk-driver") || needsProgram(["xvfb-run", "--help"], "xvfb");
describe("elements in WebKitGTK", { skip }, () => {
  const stage = setStage(launchWebKit);
  describe("<linchpin-pin-change>", () => testPinChange(stage));
  describe("<linchpin-pin-reveal>", () => testPinReveal(stage));
});
