import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";

describe("needsProgram", () => {
  it("names the package of a program that is not there", () => {
    assert.equal(
      needsProgram(["no-such-program", "--version"], "no-such-package"),
      "needs no-such-program (apt-get install no-such-package)",
    );
  });

  it("does so when the program is there but lacks what the test needs", () => {
    const reason = needsProgram([process.execPath, "--eval", "process.exit(1)"], "some-module");
    assert.match(String(reason), /apt-get install some-module/);
  });

  it("leaves nothing out when the program runs", () => {
    assert.equal(needsProgram([process.execPath, "--version"], "nodejs"), false);
  });
});
