import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { connectOperator } from "../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../options.ts";
import type { ListedKey } from "./keys-list.ts";

export function addKeysRotate(keys: Command): void {
  keys
    .command("rotate")
    .argument("<purpose>", "as `keys list` names it")
    .description("make the next version of a key")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .option("--yes", "do not ask")
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action(runKeysRotate);
}

const consequences = `The new version is published and used at once. What was sealed to the one before is accepted
until its overlap ends (\`keys list\` says when); after that, whoever kept the old public key is refused.
Stored PINs stay readable.`;

const help = `
${consequences}

Example:
  linchpin keys rotate solaris-pin --url https://issuer.example`;

async function runKeysRotate(purpose: string, options: IssuerOptions & { yes?: true }): Promise<void> {
  const issuer = await connectOperator(options);
  if (options.yes === undefined) await askWhether(purpose);
  const made = await issuer.ask<ListedKey>("POST", `/keys/${encodeURIComponent(purpose)}/rotate`);
  if (options.json) return console.log(JSON.stringify(made));
  console.log(`${made.purpose} is at version ${made.version}, key ${made.id}`);
}

async function askWhether(purpose: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Failure(exitCodes.usage, "a rotation wants a yes: give --yes");
  console.error(consequences);
  const { confirm } = await import("@inquirer/prompts");
  const message = `Rotate ${purpose}?`;
  if (!(await confirm({ message, default: false }, { output: process.stderr })))
    throw new Failure(exitCodes.interrupted, "nothing was rotated");
}
