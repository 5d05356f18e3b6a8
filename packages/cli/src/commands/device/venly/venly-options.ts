import { type Command, Option } from "commander";
import { jsonOption, parseUrl, urlOption } from "../../../options.ts";
import type { VenlyOptions } from "../../../venly-caller.ts";
import { pinStdinOption } from "../pin-options.ts";

export interface SigningOptions extends VenlyOptions {
  readonly pinStdin?: true;
  readonly json?: true;
}

/** What every command of `device venly` takes. */
export function withSigningOptions(command: Command): Command {
  return command
    .addOption(urlOption())
    .addOption(
      new Option("--venly-url <url>", "base of Venly's API; a sandbox tells its own")
        .env("LINCHPIN_VENLY_URL")
        .argParser(parseUrl),
    )
    .addOption(
      new Option("--venly-token-url <url>", "where tokens are; default: below --venly-url")
        .env("LINCHPIN_VENLY_TOKEN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--venly-client-id <id>", "the partner's client id").env("LINCHPIN_VENLY_CLIENT_ID"))
    .addOption(
      new Option("--venly-client-secret <secret>", "better in the environment").env("LINCHPIN_VENLY_CLIENT_SECRET"),
    )
    .addOption(pinStdinOption())
    .addOption(jsonOption());
}
