import type { Command } from "commander";
import type { HttpCaller } from "../../http-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { type ListedKey, nameOf, type ProtectingKey, protectedInWords } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption, yesOption } from "../../options.ts";
import { resealAll } from "../../reseal.ts";
import { confirm } from "../../terminal/confirm.ts";

export function addKeysMove(keys: Command, invocation: Invocation): void {
  keys
    .command("move")
    .description("leave a former vault: rotate every key that is there, and seal anew what it sealed")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runKeysMove(options, invocation));
}

const help = `
New keys are made in LINCHPIN_VAULT. Start the servers with it, and with LINCHPIN_FORMER_VAULT set to the vault before,
then run this. It tells what still needs the former vault, and until when: take the setting away when nothing does.

Example:
  linchpin keys move`;

const resealedPurposes = ["card-pin", "card-data", "secret"];

async function runKeysMove(options: IssuerOptions & { yes?: true }, invocation: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const leaving = keys.filter(({ state, atHome }) => state === "current" && !atHome).map(({ purpose }) => purpose);
  await confirm(consequences(leaving), "Move?", options, invocation);
  for (const purpose of leaving) await issuer.ask("POST", `/keys/${encodeURIComponent(purpose)}/rotate`);
  for (const purpose of resealedPurposes) await resealAll(issuer, purpose, invocation);
  const needed = await listNeeded(issuer);
  if (options.json) return invocation.console.log(JSON.stringify({ rotated: leaving, needed }));
  for (const purpose of leaving) invocation.console.log(`${purpose} was rotated`);
  for (const key of needed) invocation.console.log(`${nameOf(key)} still needs the former vault: ${reasonOf(key)}`);
  if (needed.length === 0) invocation.console.log("nothing needs a former vault");
}

function consequences(leaving: readonly string[]): string[] {
  if (leaving.length === 0) return ["No current key is in a former vault; what earlier keys sealed is sealed anew."];
  return [`To be rotated, each with its grace period: ${leaving.join(", ")}. What they sealed is sealed anew.`];
}

async function listNeeded(issuer: HttpCaller): Promise<ProtectingKey[]> {
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const needed = keys.filter(({ state, atHome }) => !atHome && state !== "retired" && state !== "destroyed");
  return Promise.all(needed.map(({ id }) => issuer.ask<ProtectingKey>("GET", `/keys/${id}`)));
}

function reasonOf({ protects, acceptedUntil }: ProtectingKey): string {
  if (acceptedUntil !== null) return `accepted until ${acceptedUntil}`;
  const kept = protectedInWords(protects);
  return kept === "nothing" ? "nothing is kept under it: retire it" : `kept under it: ${kept}`;
}
