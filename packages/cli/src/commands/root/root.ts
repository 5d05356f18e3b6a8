import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addRootShow } from "./show.ts";

export function addRoot(program: Command, invocation: Invocation): void {
  const root = program
    .command("root")
    .description("the keys that devices pin: each vouches for the issuer's other keys");
  addRootShow(root, invocation);
}
