import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { findCurrentKey, type ListedKey, nameOf, type ProtectingKey, protectedInWords } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption, yesOption } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";

export function addKeysRotate(keys: Command, invocation: Invocation): void {
  keys
    .command("rotate")
    .argument("<purpose>", "as `keys list` names it")
    .description("make the next version of a key the current one")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((purpose, options) => runKeysRotate(purpose, options, invocation));
}

const help = `
The new version is published and used at once. What was sealed to the one before is accepted until its grace period ends
(\`keys list\` says when); after that, whoever kept the old public key is refused. What is stored stays readable, and is
sealed by the new version in the background (\`keys reseal\`).
LINCHPIN_KEY_ROTATION lets a server do so by itself, every so many days.

Example:
  linchpin keys rotate solaris-pin --url https://issuer.example`;

async function runKeysRotate(
  purpose: string,
  options: IssuerOptions & { yes?: true },
  invocation: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  await confirm(consequences(await findCurrentKey(issuer, purpose)), `Rotate ${purpose}?`, options, invocation);
  const made = await issuer.ask<ListedKey>("POST", `/keys/${encodeURIComponent(purpose)}/rotate`);
  if (options.json) return invocation.console.log(JSON.stringify(made));
  invocation.console.log(`${made.purpose} is at version ${made.version}, key ${made.id}`);
}

function consequences(key: ProtectingKey): string[] {
  const until = key.acceptedUntilIfRotated;
  return [
    `Kept under ${nameOf(key)}: ${protectedInWords(key.protects)}. It stays readable.`,
    until === null
      ? `${nameOf(key)} is accepted until it is retired.`
      : `What is sealed to ${nameOf(key)} is accepted until ${until}; after that it is refused.`,
  ];
}
