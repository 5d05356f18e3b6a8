import type { Command } from "commander";
import { connectOperator } from "../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../options.ts";

/** A key by name, never by value, as the issuer API tells it. */
export interface ListedKey {
  readonly id: string;
  readonly purpose: string;
  readonly version: number;
  readonly state: "current" | "accepted" | "retired";
  readonly algorithm: string;
  readonly createdAt: string;
  readonly acceptedUntil: string | null;
}

export function addKeysList(keys: Command): void {
  keys
    .command("list")
    .description("every key: what it is for, its version, and whether it is still accepted")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  linchpin keys list --url https://issuer.example")
    .action(runKeysList);
}

async function runKeysList(options: IssuerOptions): Promise<void> {
  const issuer = await connectOperator(options);
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  if (options.json) return console.log(JSON.stringify(keys));
  for (const line of table(keys)) console.log(line);
}

function table(keys: readonly ListedKey[]): string[] {
  const rows = keys.map(({ purpose, version, state, algorithm, createdAt, acceptedUntil, id }) => [
    purpose,
    `v${version}`,
    state === "accepted" && acceptedUntil !== null ? `accepted until ${acceptedUntil}` : state,
    algorithm,
    createdAt,
    id,
  ]);
  const all = [["PURPOSE", "VERSION", "STATE", "ALGORITHM", "CREATED", "ID"], ...rows];
  const widthOf = (column: number) => Math.max(...all.map((row) => (row[column] ?? "").length));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join("  ")
      .trimEnd(),
  );
}
