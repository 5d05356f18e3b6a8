import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import type { ListedKey } from "../../listed-key.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";

export function addKeysList(keys: Command, invocation: Invocation): void {
  keys
    .command("list")
    .description("every key: what it is for, its version, and whether it is still accepted")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runKeysList(options, invocation));
}

const help = `
  pending    made, and used from the next rotation on
  current    published and used
  accepted   what it sealed, or what was sealed to it, still opens
  retired    opens nothing any more
  destroyed  gone for good; its record stays

Example:
  linchpin keys list --url https://issuer.example`;

async function runKeysList(options: IssuerOptions, { console }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  if (options.json) return console.log(JSON.stringify(keys));
  for (const line of table(keys)) console.log(line);
}

function table(keys: readonly ListedKey[]): string[] {
  const rows = keys.map(({ purpose, version, state, algorithm, vault, createdAt, acceptedUntil, id }) => [
    purpose,
    `v${version}`,
    (state === "accepted" || state === "current") && acceptedUntil !== null ? `${state} until ${acceptedUntil}` : state,
    algorithm,
    vault,
    createdAt,
    id,
  ]);
  const all = [["PURPOSE", "VERSION", "STATE", "ALGORITHM", "VAULT", "CREATED", "ID"], ...rows];
  const widthOf = (column: number) => Math.max(...all.map((row) => (row[column] ?? "").length));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join("  ")
      .trimEnd(),
  );
}
