import { suite } from "node:test";
import { launchWebKit } from "@linchpin/test-fixtures/browsers/webkit-browser";
import { setStage } from "@linchpin/test-fixtures/device/stage";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testInBrowser } from "./browser-contract.ts";

const skip =
  needsProgram(["WebKitWebDriver", "--help"], "webkit2gtk-driver") || needsProgram(["xvfb-run", "--help"], "xvfb");
suite("the device library in WebKitGTK", { skip }, () => testInBrowser(launchWebKit, setStage()));
