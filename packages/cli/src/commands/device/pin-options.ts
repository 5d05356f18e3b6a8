import type { Command } from "commander";

export interface PinOptions {
  readonly pinStdin?: true;
  readonly check: boolean;
}

/** What commands take that ask for a new PIN. Never the PIN itself: other users see the arguments of a process. */
export function withPinOptions(command: Command): Command {
  return command
    .option("--pin-stdin", "read the PIN from stdin instead of asking")
    .option("--no-check", "leave it to the issuer whether the PIN keeps its rules");
}
