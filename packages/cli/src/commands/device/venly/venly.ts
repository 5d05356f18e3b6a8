import type { Command } from "commander";
import type { Invocation } from "../../../invocation.ts";
import { addEnroll } from "./enroll.ts";
import { addTransfer } from "./transfer.ts";

/** A user's own signing method, which is no card's PIN. */
export function addVenly(device: Command, invocation: Invocation): void {
  const venly = device
    .command("venly")
    .description("a user's signing method, which authorizes requests")
    .addHelpText("after", help);
  addEnroll(venly, invocation);
  addTransfer(venly, invocation);
}

const help = `
Example:
  linchpin device venly enroll`;
