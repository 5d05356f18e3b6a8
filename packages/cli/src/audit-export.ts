import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { bytesFromBase64, bytesFromHex } from "@linchpin/core";
import type { AuditCheckpoint, AuditEvent, AuditShard, CheckpointReader } from "@linchpin/store";
import type { AuditKeys } from "./audit-reader.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

type ExportLine =
  | { readonly type: "export"; readonly format: string }
  | { readonly type: "key"; readonly id: string; readonly publicKey: string }
  | {
      readonly type: "checkpoint";
      readonly sequence: number;
      readonly content: string;
      readonly keyId: string;
      readonly signature: string;
    }
  | { readonly type: "head"; readonly shard: number; readonly sequence: number; readonly hash: string }
  | {
      readonly type: "event";
      readonly shard: number;
      readonly sequence: number;
      readonly cardId: string | null;
      readonly occurredAt: string;
      readonly content: string;
      readonly hash: string;
    }
  | { readonly type: "end" };

export interface AuditExport {
  readonly keys: AuditKeys;
  readonly reader: CheckpointReader;
}

export const auditExportFormat = "linchpin-audit-1";

/**
 * Reads a file that `linchpin audit export` wrote, whole, into memory. Nothing of it is verified yet.
 * @throws Failure `refused`: it is no such file, or it was cut off
 */
export async function readAuditExport(path: string): Promise<AuditExport> {
  try {
    const found = await readLines(path);
    if (found !== null) return found;
  } catch {
    // A line that is no JSON, or that lacks a member, is answered as any file that is no export.
  }
  throw new Failure(exitCodes.refused, `${path} can not be read, is no export of the audit, or was cut off`);
}

async function readLines(path: string): Promise<AuditExport | null> {
  const keys = new Map<string, Uint8Array>();
  const checkpoints: AuditCheckpoint[] = [];
  const heads: AuditShard[] = [];
  const events = new Map<number, AuditEvent[]>();
  let first: ExportLine | null = null;
  let last: ExportLine | null = null;
  for await (const line of linesOf(path)) {
    first ??= line;
    last = line;
    if (line.type === "key") keys.set(line.id, bytesFromBase64(line.publicKey));
    if (line.type === "checkpoint") checkpoints.push(checkpointOf(line));
    if (line.type === "head") heads.push(linkOf(line));
    if (line.type !== "event") continue;
    const ofShard = events.get(line.shard) ?? [];
    ofShard.push(eventOf(line));
    events.set(line.shard, ofShard);
  }
  if (first?.type !== "export" || first.format !== auditExportFormat || last?.type !== "end") return null;
  return { keys, reader: readerOf(checkpoints, heads, events) };
}

async function* linesOf(path: string): AsyncGenerator<ExportLine> {
  for await (const text of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity }))
    yield JSON.parse(text);
}

/** Pages by position: where a file leaves out or repeats a sequence, the verification sees it as it stands there. */
function readerOf(
  checkpoints: readonly AuditCheckpoint[],
  heads: readonly AuditShard[],
  events: ReadonlyMap<number, readonly AuditEvent[]>,
): CheckpointReader {
  return {
    listAuditShards: async () => [...heads],
    listAuditCheckpoints: async (page) => pageOf(checkpoints, page),
    listShardAuditEvents: async (shard, page) => pageOf(events.get(shard) ?? [], page),
  };
}

function pageOf<Entry extends { readonly sequence: bigint }>(
  entries: readonly Entry[],
  { afterSequence, limit }: { afterSequence: bigint; limit: number },
): Entry[] {
  const start = afterSequence === 0n ? 0 : entries.findLastIndex(({ sequence }) => sequence === afterSequence) + 1;
  return entries.slice(start, start + limit);
}

function checkpointOf({
  sequence,
  content,
  keyId,
  signature,
}: Extract<ExportLine, { type: "checkpoint" }>): AuditCheckpoint {
  return { sequence: BigInt(sequence), content, keyId, signature: bytesFromBase64(signature) };
}

function eventOf(line: Extract<ExportLine, { type: "event" }>): AuditEvent {
  const { cardId, occurredAt, content } = line;
  return { ...linkOf(line), cardId, occurredAt: new Date(occurredAt), content };
}

function linkOf({ shard, sequence, hash }: { shard: number; sequence: number; hash: string }): AuditShard {
  return { shard, sequence: BigInt(sequence), hash: bytesFromHex(hash) };
}
