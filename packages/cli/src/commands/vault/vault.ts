import type { Command } from "commander";
import { addVaultBackup } from "./backup.ts";
import { addVaultRestore } from "./restore.ts";

export function addVault(program: Command): void {
  const vault = program.command("vault").description("the master key of the software vault, among custodians");
  addVaultBackup(vault);
  addVaultRestore(vault);
}
