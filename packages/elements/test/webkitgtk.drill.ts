import { describe } from "node:test";
import { launchWebKit } from "@linchpin/test-fixtures/browsers/webkit-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testFailedChange, testFailedReveal } from "./failure-contract.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { setStage } from "./set-stage.ts";

const skip =
  needsProgram(["WebKitWebDriver", "--help"], "webkit2gtk-driver") || needsProgram(["xvfb-run", "--help"], "xvfb");
describe("elements in WebKitGTK", { skip }, () => {
  const stage = setStage(launchWebKit);
  describe("<linchpin-pin-change>", () => {
    testPinChange(stage);
    testFailedChange(stage);
  });
  describe("<linchpin-pin-reveal>", () => {
    testPinReveal(stage);
    testFailedReveal(stage);
  });
});
