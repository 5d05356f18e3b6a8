import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { findKey, keyRefusal, nameOf, type ProtectingKey, protectedInWords } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption, yesOption } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";

export function addKeysRetire(keys: Command, invocation: Invocation): void {
  keys
    .command("retire")
    .argument("<key>", "its id, or purpose and version as in solaris-pin@1")
    .description("end a key's acceptance before its time")
    .option("--force-recovery", "also where signing methods need it: they will need recovery")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((name, options) => runKeysRetire(name, options, invocation));
}

const help = `
Whoever sealed to it is refused from now on, before the day that was told to them. The replay marks of such messages go
with it. A key under which something is kept is not retired: \`keys reseal\` first. Signing methods can not be sealed
anew: each moves to the current key at its next right use. With --force-recovery those that have not are locked, until
another method of their user gives them a new value.

Example:
  linchpin keys retire solaris-pin@1`;

type Options = IssuerOptions & { yes?: true; forceRecovery?: true };

async function runKeysRetire(name: string, options: Options, invocation: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const key = await findKey(issuer, name);
  const forceRecovery = options.forceRecovery ?? false;
  await confirm(consequences(key, forceRecovery), `Retire ${nameOf(key)}?`, options, invocation);
  const answer = await issuer.send("POST", `/keys/${key.id}/retire`, { forceRecovery });
  if (answer.status >= 300) throw keyRefusal(answer, key);
  if (options.json) return invocation.console.log(JSON.stringify({ id: key.id, state: "retired" }));
  invocation.console.log(`${nameOf(key)} is retired`);
}

function consequences(key: ProtectingKey, forceRecovery: boolean): string[] {
  const { signingMethods = 0 } = key.protects;
  return [
    `Kept under ${nameOf(key)}: ${protectedInWords(key.protects)}.`,
    key.acceptedUntil === null
      ? "What was sealed by it or to it opens no more."
      : `What is sealed to it would be accepted until ${key.acceptedUntil}: it is refused from now on.`,
    ...(forceRecovery ? [`Signing methods that will need recovery: ${signingMethods}.`] : []),
  ];
}
