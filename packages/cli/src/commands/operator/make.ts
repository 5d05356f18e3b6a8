import { readStoreSettings } from "@linchpin/server/settings";
import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { jsonOption } from "../../options.ts";

export function addOperatorMake(operator: Command, invocation: Invocation): void {
  operator
    .command("make")
    .argument("<name>", "whom the audit events will name")
    .description("make an operator's API key, which is told once; for the first operator of a new issuer")
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((name, options) => runOperatorMake(name, options, invocation));
}

const help = `
Works on the database itself (LINCHPIN_DATABASE_URL), as a new issuer has nobody yet who could ask for a key.
What it prints is the only copy.

Example:
  LINCHPIN_DATABASE_URL=postgres://issuer@db/issuer linchpin operator make alice`;

async function runOperatorMake(
  name: string,
  { json }: { json?: true },
  { console, environment }: Invocation,
): Promise<void> {
  const { makeOperator, openExistingStore } = await import("@linchpin/server");
  const store = await openExistingStore(readStoreSettings(environment));
  try {
    const made = await makeOperator({ store, clock: () => new Date() }, { name });
    console.log(json ? JSON.stringify(made) : made.apiKey);
  } finally {
    await store.close();
  }
}
