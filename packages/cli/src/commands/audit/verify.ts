import type {
  AuditBreak,
  CheckpointBreak,
  CheckpointedVerification,
  CheckpointReader,
  ExpectedCheckpoint,
} from "@linchpin/store";
import { type Command, InvalidArgumentError } from "commander";
import { readAuditExport } from "../../audit-export.ts";
import { type AuditKeys, auditKeysOf, auditReaderOf, fingerprintOf, trustedKeys } from "../../audit-reader.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Ended } from "../../failure.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, jsonOption, urlOption } from "../../options.ts";
import { showProgress } from "../../terminal/progress-bar.ts";

export function addAuditVerify(audit: Command, invocation: Invocation): void {
  audit
    .command("verify")
    .description(
      "compute every hash of the chain again, hold it against its signed checkpoints, and say where it breaks",
    )
    .option("--trust <fingerprint...>", "take these keys alone for the issuer's: SHA-256 of SPKI, hex")
    .option(
      "--expect <sequence:sha256>",
      "the chain must contain this checkpoint, noted earlier from this command or the issuer's log",
      parseExpected,
    )
    .option("--export <file>", "verify this file, which `audit export` wrote, instead of what the issuer has")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addOption(jsonOption())
    .addHelpText("after", help)
    .action((options) => runAuditVerify(options, invocation));
}

const help = `
Exits with 0 when the chain is whole, with 1 when it is broken. Can be run while the issuer works.
Who can write to the database could put a key of their own beside the issuer's. It says whose signatures hold: keep
those fingerprints elsewhere, and give them with --trust. They could also remove the last checkpoints, or restore an
earlier state of the database. It says which checkpoint is the last: keep that elsewhere too, and give it with --expect.
With --trust or --expect a chain of which nothing is left is broken.

Examples:
  linchpin audit verify --url https://issuer.example --json
  linchpin audit verify --trust 5f3c… --expect 812:9ab0…
  linchpin audit verify --export audit.jsonl --expect 812:9ab0…`;

type Options = IssuerOptions & { trust?: string[]; expect?: ExpectedCheckpoint; export?: string };

async function runAuditVerify(options: Options, { console, stderr }: Invocation): Promise<void> {
  const { trust, expect: expected = null } = options;
  const { verifyCheckpointedChain } = await import("@linchpin/store");
  const bar = showProgress("events", stderr);
  const { keys: allKeys, reader } = await openChain(options, bar.show);
  const keys = trustedKeys(allKeys, trust);
  const needsCheckpoint = trust !== undefined || expected !== null;
  const { keyIds, ...verification } = await verifyCheckpointedChain(reader, keys, {
    expected,
    needsCheckpoint,
  }).finally(bar.end);
  const signedBy = keyIds.map((id) => fingerprintOf(keys.get(id)));
  const lastCheckpoint = await nameCheckpoint(reader, verification.checkpoints);
  const result = { ...verification, signedBy, lastCheckpoint };
  console.log(options.json ? asJson(result) : inWords(result));
  if (!verification.intact) throw new Ended(exitCodes.refused);
}

async function openChain(
  options: Options,
  onProgress: Parameters<typeof auditReaderOf>[1],
): Promise<{ keys: AuditKeys; reader: CheckpointReader }> {
  if (options.export !== undefined) return readAuditExport(options.export);
  const issuer = await connectOperator(options);
  return { keys: await auditKeysOf(issuer), reader: auditReaderOf(issuer, onProgress) };
}

/** The checkpoint of a sequence as `--expect` takes it; null for sequence 0. */
async function nameCheckpoint(reader: CheckpointReader, sequence: bigint): Promise<string | null> {
  if (sequence === 0n) return null;
  const { checkpointHashHex } = await import("@linchpin/store");
  const [checkpoint = null] = await reader.listAuditCheckpoints({ afterSequence: sequence - 1n, limit: 1 });
  return `${sequence}:${checkpointHashHex(checkpoint)}`;
}

export function parseExpected(text: string): ExpectedCheckpoint {
  const [, sequence, hashHex] = /^([1-9][0-9]{0,14}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (sequence === undefined || hashHex === undefined)
    throw new InvalidArgumentError("It must be the number of a checkpoint and its SHA-256 in hex, as in 812:9ab0….");
  return { sequence: BigInt(sequence), hashHex: hashHex.toLowerCase() };
}

export function asJson(verification: object): string {
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
  unexpected: "is not the one that --expect names",
};

type Verification = Omit<CheckpointedVerification, "keyIds"> & {
  readonly signedBy: readonly string[];
  readonly lastCheckpoint: string | null;
} & ({ intact: true } | { intact: false; break: AuditBreak | CheckpointBreak });

function inWords(verification: Verification): string {
  if (verification.intact) {
    const { events, checkpoints, signedBy, lastCheckpoint } = verification;
    const signatures = signedBy.map((fingerprint) => `\nsigned by ${fingerprint}`).join("");
    const last = lastCheckpoint === null ? "" : `\nlast checkpoint ${lastCheckpoint}`;
    return `the chain is whole: ${events} events, ${checkpoints} checkpoints${signatures}${last}`;
  }
  const found = verification.break;
  if ("checkpoint" in found)
    return `the chain is broken: checkpoint ${found.checkpoint} ${checkpointFaults[found.what]}`;
  if (found.sequence === 0n) return `the chain is broken: shard ${found.shard} has no head, or no checkpoint knows it`;
  return `the chain is broken: event ${found.sequence} of shard ${found.shard} ${faults[found.what]}`;
}
