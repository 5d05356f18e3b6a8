import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { addAuditExport } from "./export.ts";
import { addAuditVerify } from "./verify.ts";

export function addAudit(program: Command, invocation: Invocation): void {
  const audit = program.command("audit").description("the chain of events");
  addAuditVerify(audit, invocation);
  addAuditExport(audit, invocation);
}
