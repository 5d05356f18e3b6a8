import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { findKey, keyRefusal, nameOf, protectedInWords } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption, yesOption } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";

export function addKeysDestroy(keys: Command, invocation: Invocation): void {
  keys
    .command("destroy")
    .argument("<key>", "its id, or purpose and version as in card-pin@1")
    .description("destroy a retired key for good")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((name, options) => runKeysDestroy(name, options, invocation));
}

const help = `
Nothing brings it back but a backup of the database together with the vault. Its record stays, for the audit. A key
under which something is still kept is not destroyed.

Example:
  linchpin keys destroy card-pin@1`;

async function runKeysDestroy(
  name: string,
  options: IssuerOptions & { yes?: true },
  invocation: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  const key = await findKey(issuer, name);
  const consequences = [
    `Kept under ${nameOf(key)}: ${protectedInWords(key.protects)}.`,
    `${nameOf(key)} is ${key.state}, in the vault ${key.vault}. It will be gone for good.`,
  ];
  await confirm(consequences, `Destroy ${nameOf(key)}?`, options, invocation);
  const answer = await issuer.send("POST", `/keys/${key.id}/destroy`);
  if (answer.status >= 300) throw keyRefusal(answer, key);
  if (options.json) return invocation.console.log(JSON.stringify({ id: key.id, state: "destroyed" }));
  invocation.console.log(`${nameOf(key)} is destroyed`);
}
