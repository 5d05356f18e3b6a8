import { type AuditCheckpoint, type CheckpointContent, checkpointHashHex } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { signNamingKey } from "../steps/index.ts";
import { checkHeads, followCheckpoints, rememberCheckpoint } from "./watch-checkpoints.ts";

/**
 * Signs the heads of the audit chain, unless nothing was appended since the last checkpoint or that is younger than
 * `minAgeMs`. Several servers may do so at once: one of them does it. Where a checkpoint that this process signed or saw
 * is gone or is another one, or a shard ends before the last one, it signs nothing more and raises an alarm
 * (`auditAlarmOf`): a signature would vouch for a chain that was rewritten.
 * @throws LinchpinError `unavailable`
 */
export async function takeAuditCheckpoint(context: Context, minAgeMs = 0): Promise<void> {
  const followed = await followCheckpoints(context);
  if ("alarm" in followed) return;
  const { last } = followed;
  const lastContent: CheckpointContent | null = last === null ? null : JSON.parse(last.content);
  const now = context.clock();
  if (lastContent !== null && now.getTime() - Date.parse(lastContent.takenAt) < minAgeMs) return;
  const shards = await context.store.listAuditShards();
  if (lastContent !== null && checkHeads(context, shards, lastContent.heads) !== null) return;
  const heads = shards.map(({ sequence, hash }) => [Number(sequence), Buffer.from(hash).toString("hex")] as const);
  if (JSON.stringify(heads) === JSON.stringify(lastContent?.heads)) return;
  const sequence = (lastContent?.sequence ?? 0) + 1;
  const about = { sequence, takenAt: now.toISOString(), previous: checkpointHashHex(last), heads };
  const checkpoint = await signCheckpoint(context, about);
  if ((await context.store.addAuditCheckpoint(checkpoint)) === "taken") return;
  rememberCheckpoint(context, checkpoint);
  // A log that is kept apart from the database shows a chain that was rewritten together with all its checkpoints.
  context.log.info({ checkpoint: sequence, sha256: checkpointHashHex(checkpoint) }, "audit checkpoint");
}

async function signCheckpoint(context: Context, about: Omit<CheckpointContent, "keyId">): Promise<AuditCheckpoint> {
  const { text, keyId, signature } = await signNamingKey(context, "audit", (id) =>
    JSON.stringify({ ...about, keyId: id } satisfies CheckpointContent),
  );
  return { sequence: BigInt(about.sequence), content: text, keyId, signature };
}
