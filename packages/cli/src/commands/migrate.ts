import { readStoreSettings } from "@linchpin/server/settings";
import type { Command } from "commander";
import type { Invocation } from "../invocation.ts";

export function addMigrate(program: Command, invocation: Invocation): void {
  program
    .command("migrate")
    .description("bring the database to the state that this version knows; serve does so too when it starts")
    .option("--json", "answer as JSON")
    .addHelpText("after", help)
    .action((options) => runMigrate(options, invocation));
}

const help = `
LINCHPIN_DATABASE_URL says which PostgreSQL; without it, it is the embedded store in LINCHPIN_DATA (.linchpin).
Several may run at once: one works, the others wait.

Example:
  LINCHPIN_DATABASE_URL=postgres://issuer@db/issuer linchpin migrate`;

async function runMigrate({ json }: { json?: true }, { console, environment }: Invocation): Promise<void> {
  const settings = readStoreSettings(environment);
  const { migrateStore } = await import("@linchpin/server");
  const applied = await migrateStore(settings);
  const store = settings.databaseUrl === null ? "embedded" : "postgresql";
  if (json) return console.log(JSON.stringify({ store, applied }));
  const where = store === "embedded" ? `the embedded store in ${settings.dataFolder}` : "PostgreSQL";
  for (const name of applied) console.log(`applied ${name} to ${where}`);
  if (applied.length === 0) console.log(`${where} is up to date`);
}
