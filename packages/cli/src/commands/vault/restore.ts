import type { Command } from "commander";
import { restore } from "../../ceremony/ceremony.ts";
import { onOwnTerminal } from "../../ceremony/ceremony-terminal.ts";
import type { Invocation } from "../../invocation.ts";

export function addVaultRestore(vault: Command, invocation: Invocation): void {
  vault
    .command("restore")
    .argument("<file>", "where the master key goes; no such file may be there")
    .description("restore the master key from the custodians' shares")
    .addHelpText("after", help)
    .action((file) => runVaultRestore(file, invocation));
}

const help = `
Custodians type their shares, in any order. A mistyped one is told apart, with the group that is wrong; so is one of
another backup. The file is readable by its owner alone: give it as LINCHPIN_MASTER_KEY_FILE. Whether it fits the
database, \`linchpin serve\` says before it answers anything.

Example:
  linchpin vault restore /run/secrets/master.key`;

async function runVaultRestore(file: string, invocation: Invocation): Promise<void> {
  await onOwnTerminal(invocation, async (terminal) => {
    const { masterKeyFingerprint, writeMasterKeyFile } = await import("@linchpin/vault");
    const masterKey = await restore(terminal);
    try {
      await writeMasterKeyFile(file, masterKey);
      terminal.say(`The master key ${masterKeyFingerprint(masterKey)} is in ${file}.`);
    } finally {
      masterKey.fill(0);
    }
  });
}
