import type { AuditBreak, CheckpointBreak, CheckpointedVerification } from "@linchpin/store";
import type { Command } from "commander";
import { auditKeysOf, auditReaderOf, fingerprintOf } from "../../audit-reader.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Ended } from "../../failure.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";
import { showProgress } from "../../progress-bar.ts";

export function addAuditVerify(audit: Command, invocation: Invocation): void {
  audit
    .command("verify")
    .description(
      "compute every hash of the chain again, hold it against its signed checkpoints, and say where it breaks",
    )
    .option("--trust <fingerprint...>", "take these keys alone for the issuer's: SHA-256 of SPKI, hex")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runAuditVerify(options, invocation));
}

const help = `
Exits with 0 when the chain is whole, with 1 when it is broken. Can be run while the issuer works.
Who can write to the database could put a key of their own beside the issuer's. It says whose signatures hold: keep
those fingerprints elsewhere, and give them with --trust.

Example:
  linchpin audit verify --url https://issuer.example --json`;

async function runAuditVerify(
  options: IssuerOptions & { trust?: string[] },
  { console, stderr }: Invocation,
): Promise<void> {
  const issuer = await connectOperator(options);
  const { verifyCheckpointedChain } = await import("@linchpin/store");
  const keys = await auditKeysOf(issuer, options.trust);
  const bar = showProgress("events", stderr);
  const { keyIds, ...verification } = await verifyCheckpointedChain(auditReaderOf(issuer, bar.show), keys).finally(
    bar.end,
  );
  const signedBy = keyIds.map((id) => fingerprintOf(keys.get(id)));
  console.log(options.json ? asJson({ ...verification, signedBy }) : inWords(verification, signedBy));
  if (!verification.intact) throw new Ended(exitCodes.refused);
}

function asJson(verification: object): string {
  return JSON.stringify(verification, (_key, value) => (typeof value === "bigint" ? Number(value) : value));
}

const faults: Readonly<Record<AuditBreak["what"], string>> = {
  altered: "is not what was written",
  missing: "is missing",
  reordered: "stands in another place",
  head_mismatch: "is not where the shard's head says that the chain ends",
  truncated: "and what followed it were cut off, and the head set back: a checkpoint knows more",
  rewritten: "or a later one was replaced, and the chain computed anew: a checkpoint knows another",
};

const checkpointFaults: Readonly<Record<CheckpointBreak["what"], string>> = {
  unsigned: "is signed by no key that is trusted",
  missing: "is missing",
  unbound: "does not follow from the one before",
};

type Verification = Omit<CheckpointedVerification, "keyIds"> &
  ({ intact: true } | { intact: false; break: AuditBreak | CheckpointBreak });

function inWords(verification: Verification, signedBy: readonly string[]): string {
  if (verification.intact) {
    const { events, checkpoints } = verification;
    const signatures = signedBy.map((fingerprint) => `\nsigned by ${fingerprint}`).join("");
    return `the chain is whole: ${events} events, ${checkpoints} checkpoints${signatures}`;
  }
  const found = verification.break;
  if ("checkpoint" in found)
    return `the chain is broken: checkpoint ${found.checkpoint} ${checkpointFaults[found.what]}`;
  return `the chain is broken: event ${found.sequence} of shard ${found.shard} ${faults[found.what]}`;
}
