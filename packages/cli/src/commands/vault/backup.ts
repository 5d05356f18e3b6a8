import { join } from "node:path";
import { LinchpinError } from "@linchpin/core";
import { readStoreSettings } from "@linchpin/server/settings";
import { type Command, InvalidArgumentError } from "commander";
import { backUp } from "../../ceremony/ceremony.ts";
import { onOwnTerminal } from "../../ceremony/ceremony-terminal.ts";
import type { Environment, Invocation } from "../../invocation.ts";

export function addVaultBackup(vault: Command, invocation: Invocation): void {
  vault
    .command("backup")
    .description("split the master key among custodians: each sees, writes down and types back one share")
    .option("--shares <count>", "how many custodians there are", parseCount, 5)
    .option("--threshold <count>", "how many of them restore it", parseCount, 3)
    .addHelpText("after", help)
    .action((numbers) => runVaultBackup(numbers, invocation));
}

const help = `
LINCHPIN_MASTER_KEY or LINCHPIN_MASTER_KEY_FILE says which, else master.key in LINCHPIN_DATA (.linchpin). Shares are by
Shamir's scheme: fewer than the threshold tell nothing. A share is alone on the screen, which is cleared after it. What
is backed up is the master key alone: back the database up beside it, it holds the keys that are sealed under it. Keys
in a token are backed up by the token's own means.

Example:
  linchpin vault backup --shares 5 --threshold 3`;

async function runVaultBackup(numbers: { shares: number; threshold: number }, invocation: Invocation): Promise<void> {
  await onOwnTerminal(invocation, async (terminal) => {
    const masterKey = await readMasterKey(invocation.environment);
    try {
      await backUp(terminal, masterKey, numbers);
    } finally {
      masterKey.fill(0);
    }
  });
}

/** As `serve` finds it, but none is made. */
async function readMasterKey(environment: Environment): Promise<Uint8Array> {
  const { parseMasterKey, readMasterKeyFile } = await import("@linchpin/vault");
  const given = environment["LINCHPIN_MASTER_KEY"]?.trim();
  if (given !== undefined && given !== "") return parseMasterKey(given);
  const file = environment["LINCHPIN_MASTER_KEY_FILE"]?.trim();
  if (file) return readMasterKeyFile(file);
  const { dataFolder } = readStoreSettings(environment);
  if (dataFolder === null)
    throw new LinchpinError("settings_invalid", { reason: "LINCHPIN_DATA=memory: keeps no master key to back up" });
  return readMasterKeyFile(join(dataFolder, "master.key"));
}

function parseCount(text: string): number {
  if (!/^[1-9][0-9]?$/.test(text)) throw new InvalidArgumentError("It must be a number from 2 to 16.");
  return Number(text);
}
