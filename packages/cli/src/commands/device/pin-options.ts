import { type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import { type Command, Option } from "commander";

export interface PinOptions {
  readonly pinStdin?: true;
  readonly check: boolean;
}

/** What commands take that ask for a new PIN. Never the PIN itself: other users see the arguments of a process. */
export function withPinOptions(command: Command): Command {
  return command
    .addOption(pinStdinOption())
    .option("--no-check", "leave it to the issuer whether the PIN keeps its rules");
}

export const pinStdinOption = () => new Option("--pin-stdin", "read the PIN from stdin instead of asking");

/** The rules that Solaris publishes, unless they are left to the issuer. */
export function policyOf({ check }: PinOptions): PinPolicy | null {
  return check ? solarisPinPolicy : null;
}
