import { type Command, Option } from "commander";
import { parseUrl } from "../../options.ts";

/** What commands take that can speak Adyen's protocol: as `connectAdyen` reads them. */
export function withAdyenOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--adyen-url <url>", "base of Adyen's API; a sandbox tells its own")
        .env("LINCHPIN_ADYEN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--adyen-api-key <key>", "better in the environment").env("LINCHPIN_ADYEN_API_KEY"))
    .addOption(
      new Option("--payment-instrument <id>", "the card's name at Adyen").env("LINCHPIN_ADYEN_PAYMENT_INSTRUMENT"),
    );
}
