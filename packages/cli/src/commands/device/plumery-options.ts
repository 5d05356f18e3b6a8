import { type Command, Option } from "commander";
import { parseUrl } from "../../options.ts";

/** What commands take that can speak Plumery's protocol: as `connectPlumery` reads them. */
export function withPlumeryOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--plumery-url <url>", "base of Plumery's API; a sandbox tells its own")
        .env("LINCHPIN_PLUMERY_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--plumery-token <token>", "better in the environment").env("LINCHPIN_PLUMERY_TOKEN"))
    .addOption(new Option("--card-token <token>", "the card's name at Plumery").env("LINCHPIN_PLUMERY_CARD_TOKEN"));
}
