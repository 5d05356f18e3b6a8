import type { AuditVerification } from "@linchpin/store";
import type { Command } from "commander";
import { auditReaderOf } from "../audit-reader.ts";
import { exitCodes } from "../exit-codes.ts";
import { connectOperator } from "../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../options.ts";
import { showProgress } from "../progress-bar.ts";

export function addAuditVerify(audit: Command): void {
  audit
    .command("verify")
    .description("compute every hash of the chain again, and say where it breaks")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action(runAuditVerify);
}

const help = `
Exits with 0 when the chain is whole, with 1 when it is broken. Can be run while the issuer works.

Example:
  linchpin audit verify --url https://issuer.example --json`;

async function runAuditVerify(options: IssuerOptions): Promise<void> {
  const issuer = await connectOperator(options);
  const { verifyAuditChain } = await import("@linchpin/store");
  const bar = showProgress("events");
  const verification = await verifyAuditChain(auditReaderOf(issuer, bar.show)).finally(bar.end);
  console.log(options.json ? asJson(verification) : inWords(verification));
  if (!verification.intact) process.exitCode = exitCodes.refused;
}

function asJson(verification: AuditVerification): string {
  return JSON.stringify(verification, (_key, value) => (typeof value === "bigint" ? Number(value) : value));
}

const faults: Readonly<Record<"altered" | "missing" | "reordered" | "head_mismatch", string>> = {
  altered: "is not what was written",
  missing: "is missing",
  reordered: "stands in another place",
  head_mismatch: "is not where the shard's head says that the chain ends",
};

function inWords(verification: AuditVerification): string {
  if (verification.intact) return `the chain is whole: ${verification.events} events`;
  const { shard, sequence, what } = verification.break;
  return `the chain is broken: event ${sequence} of shard ${shard} ${faults[what]}`;
}
