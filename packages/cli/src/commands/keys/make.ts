import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { findCurrentKey, type ListedKey, nameOf } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption, yesOption } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";

export function addKeysMake(keys: Command, invocation: Invocation): void {
  keys
    .command("make")
    .argument("<purpose>", "as `keys list` names it")
    .description("make the next version of a key, to be used from the next rotation on")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((purpose, options) => runKeysMake(purpose, options, invocation));
}

const help = `
Breaks nothing: until \`keys rotate\` it is neither published nor used. A rotation makes one by itself where none is
pending; make one before where the vault is slow, or where somebody must see its public half first.

Example:
  linchpin keys make venly-assertion`;

async function runKeysMake(
  purpose: string,
  options: IssuerOptions & { yes?: true },
  invocation: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  const current = await findCurrentKey(issuer, purpose);
  await confirm(
    [`${nameOf(current)} stays the current key: nothing breaks.`],
    `Make a key for ${purpose}?`,
    options,
    invocation,
  );
  const made = await issuer.ask<ListedKey>("POST", `/keys/${encodeURIComponent(purpose)}/make`);
  if (options.json) return invocation.console.log(JSON.stringify(made));
  invocation.console.log(`${nameOf(made)} is pending, key ${made.id}`);
}
