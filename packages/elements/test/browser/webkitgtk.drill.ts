import { launchWebKit } from "@linchpin/test-fixtures/browsers/webkit-browser";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { testElements } from "./elements-contract.ts";

const lacking =
  needsProgram(["WebKitWebDriver", "--help"], "webkit2gtk-driver") || needsProgram(["xvfb-run", "--help"], "xvfb");
testElements("WebKitGTK", lacking, launchWebKit);
