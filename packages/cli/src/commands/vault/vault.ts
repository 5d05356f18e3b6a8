import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addVaultBackup } from "./backup.ts";
import { addVaultRestore } from "./restore.ts";

export function addVault(program: Command, invocation: Invocation): void {
  const vault = program.command("vault").description("the master key of the software vault, among custodians");
  addVaultBackup(vault, invocation);
  addVaultRestore(vault, invocation);
}
