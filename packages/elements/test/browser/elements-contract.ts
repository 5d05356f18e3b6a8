import { describe } from "node:test";
import type { Browser } from "@linchpin/test-fixtures/browsers/browser";
import { testFailedChange, testFailedReveal } from "./failure-contract.ts";
import { testPinChange } from "./pin-change-contract.ts";
import { testPinReveal } from "./pin-reveal-contract.ts";
import { setStage } from "./set-stage.ts";

/** What both elements must do in every browser. `skip`: what is lacking to start it, or false. */
export function testElements(browser: string, skip: string | false, launch: () => Promise<Browser>): void {
  describe(`elements in ${browser}`, { skip }, () => {
    const stage = setStage(launch);
    describe("<linchpin-pin-change>", () => {
      testPinChange(stage);
      testFailedChange(stage);
    });
    describe("<linchpin-pin-reveal>", () => {
      testPinReveal(stage);
      testFailedReveal(stage);
    });
  });
}
