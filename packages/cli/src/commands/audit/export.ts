import { base64FromBytes, hexFromBytes } from "@linchpin/core";
import type { CheckpointReader } from "@linchpin/store";
import type { Command } from "commander";
import { auditExportFormat } from "../../audit-export.ts";
import { auditKeysOf, auditReaderOf } from "../../audit-reader.ts";
import type { Invocation } from "../../invocation.ts";
import { connectOperator } from "../../issuer-caller.ts";
import { apiKeyOption, type IssuerOptions, urlOption } from "../../options.ts";
import { showProgress } from "../../terminal/progress-bar.ts";

export function addAuditExport(audit: Command, invocation: Invocation): void {
  audit
    .command("export")
    .description("all events, checkpoints and public keys as JSON Lines, on stdout")
    .addOption(urlOption())
    .addOption(apiKeyOption())
    .addHelpText("after", help)
    .action((options) => runAuditExport(options, invocation));
}

const help = `
docs/audit-export.md describes the format; docs/verify-audit-export.py verifies one without linchpin.

Example:
  linchpin audit export --url https://issuer.example > audit.jsonl`;

const pageSize = 1000;

type Write = (line: object) => void;

async function runAuditExport(options: IssuerOptions, { stdout, stderr }: Invocation): Promise<void> {
  const issuer = await connectOperator(options);
  const bar = showProgress("events", stderr);
  const reader = auditReaderOf(issuer, bar.show);
  const write: Write = (line) => stdout.write(`${JSON.stringify(line)}\n`);
  write({ type: "export", format: auditExportFormat });
  for (const [id, spki] of await auditKeysOf(issuer))
    write({ type: "key", id, algorithm: "ES256", publicKey: base64FromBytes(spki) });
  // Checkpoints, then heads, then events: each is read when what it speaks of is there.
  await writeCheckpoints(reader, write);
  const heads = await reader.listAuditShards();
  for (const { shard, sequence, hash } of heads)
    write({ type: "head", shard, sequence: Number(sequence), hash: hexFromBytes(hash) });
  for (const { shard, sequence } of heads) await writeEvents(reader, write, shard, sequence);
  write({ type: "end" });
  bar.end();
}

async function writeCheckpoints(reader: CheckpointReader, write: Write): Promise<void> {
  for (let afterSequence = 0n; ; ) {
    const page = await reader.listAuditCheckpoints({ afterSequence, limit: pageSize });
    for (const { sequence, content, keyId, signature } of page)
      write({
        type: "checkpoint",
        sequence: Number(sequence),
        content,
        keyId,
        signature: base64FromBytes(signature),
      });
    if (page.length < pageSize) return;
    afterSequence = page.at(-1)?.sequence ?? afterSequence;
  }
}

/** Up to the head that was written: what was appended since is the next export's. */
async function writeEvents(reader: CheckpointReader, write: Write, shard: number, head: bigint): Promise<void> {
  for (let afterSequence = 0n; afterSequence < head; ) {
    const page = await reader.listShardAuditEvents(shard, { afterSequence, limit: pageSize });
    if (page.length === 0) return;
    for (const { sequence, cardId, occurredAt, content, hash } of page)
      if (sequence <= head)
        write({
          type: "event",
          shard,
          sequence: Number(sequence),
          cardId,
          occurredAt: occurredAt.toISOString(),
          content,
          hash: hexFromBytes(hash),
        });
    afterSequence = page.at(-1)?.sequence ?? head;
  }
}
