import type { Command } from "commander";
import { addAuditExport } from "./export.ts";
import { addAuditVerify } from "./verify.ts";

export function addAudit(program: Command): void {
  const audit = program.command("audit").description("the chain of events");
  addAuditVerify(audit);
  addAuditExport(audit);
}
