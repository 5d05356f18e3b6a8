import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";
import { resealAll } from "../../reseal.ts";

export function addKeysReseal(keys: Command, invocation: Invocation): void {
  keys
    .command("reseal")
    .argument("<purpose>", "card-pin, card-data or secret")
    .description("seal by the current key what earlier keys sealed, and wait for the end")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((purpose, options) => runKeysReseal(purpose, options, invocation));
}

const help = `
The servers do so by themselves, slowly; this makes haste. It breaks nothing, and nothing waits for it. Interrupted, here
or at a server, it goes on where it was when it is run again.

Example:
  linchpin keys reseal card-pin`;

async function runKeysReseal(purpose: string, options: IssuerOptions, invocation: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const { resealed } = await resealAll(issuer, purpose, invocation);
  invocation.console.log(
    options.json ? JSON.stringify({ purpose, resealed }) : `${purpose}: ${resealed} sealed anew, none left`,
  );
}
