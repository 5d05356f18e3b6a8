import {
  type AuditCheckpoint,
  type AuditShard,
  type CheckpointContent,
  checkpointFault,
  checkpointHashHex,
  type Store,
} from "@linchpin/store";
import type { Context } from "../context/index.ts";

/**
 * What is wrong with the audit chain, as a reason of `/health/ready`. `audit_checkpoint_missing`: a checkpoint that this
 * process signed or saw is gone. `audit_checkpoint_replaced`: another one has its sequence, or one that follows it is
 * not bound to it or not signed by a key of the issuer. `audit_chain_cut`: a shard is gone, or ends before the last
 * checkpoint, or its head is another event than that checkpoint signed.
 */
export type AuditAlarm = "audit_checkpoint_missing" | "audit_checkpoint_replaced" | "audit_chain_cut";

interface Watch {
  /** The last checkpoint that this process signed or saw. */
  last: AuditCheckpoint | null;
  /** It stays until the process ends: whoever removed a checkpoint may put it back. */
  alarm: AuditAlarm | null;
}

/** By store, which is one for all of a process. */
const watches = new WeakMap<Store, Watch>();

/** Null: no checkpoint that this process remembers was removed or replaced. */
export function auditAlarmOf({ store }: Pick<Context, "store">): AuditAlarm | null {
  return watchOf(store).alarm;
}

/**
 * The last checkpoint of the store, on which the next one may be signed, after a comparison with what this process
 * remembers; what other servers signed since is checked and remembered. The first call of a process has nothing to
 * compare with. `alarm`: no further checkpoint may be signed, as it would vouch for what was removed or replaced.
 */
export async function followCheckpoints(
  context: Pick<Context, "store" | "keyring" | "log">,
): Promise<{ last: AuditCheckpoint | null } | { alarm: AuditAlarm }> {
  const watch = watchOf(context.store);
  if (watch.alarm !== null) return raiseAlarm(context, watch.alarm);
  if (watch.last === null) watch.last = await context.store.findLastAuditCheckpoint();
  const found = watch.last === null ? { last: null } : await followFrom(context, watch.last);
  if ("alarm" in found) return raiseAlarm(context, found.alarm);
  watch.last = found.last;
  return found;
}

/** After this process signed one itself. */
export function rememberCheckpoint({ store }: Pick<Context, "store">, checkpoint: AuditCheckpoint): void {
  watchOf(store).last = checkpoint;
}

/** Where the store's content was replaced on purpose. */
export function forgetCheckpoints({ store }: Pick<Context, "store">): void {
  watches.delete(store);
}

/** Whether each head is at or after that of the last checkpoint. */
export function checkHeads(
  context: Pick<Context, "store" | "log">,
  shards: readonly AuditShard[],
  heads: CheckpointContent["heads"],
): AuditAlarm | null {
  const holds =
    shards.length === heads.length &&
    heads.every(([sequence, hashHex], index) => {
      const shard = shards[index];
      if (shard === undefined || shard.shard !== index || shard.sequence < BigInt(sequence)) return false;
      return shard.sequence > BigInt(sequence) || Buffer.from(shard.hash).toString("hex") === hashHex;
    });
  return holds ? null : raiseAlarm(context, "audit_chain_cut").alarm;
}

const pageSize = 100;

async function followFrom(
  { store, keyring }: Pick<Context, "store" | "keyring">,
  remembered: AuditCheckpoint,
): Promise<{ last: AuditCheckpoint } | { alarm: AuditAlarm }> {
  const [kept, ...others] = await store.listAuditCheckpoints({
    afterSequence: remembered.sequence - 1n,
    limit: pageSize,
  });
  if (kept?.sequence !== remembered.sequence) return { alarm: "audit_checkpoint_missing" };
  if (checkpointHashHex(kept) !== checkpointHashHex(remembered)) return { alarm: "audit_checkpoint_replaced" };
  let last = kept;
  if (others.length === 0) return { last };
  const keys = new Map(
    (await keyring.list()).flatMap(({ id, purpose, publicKeySpki }) =>
      purpose === "audit" && publicKeySpki !== null ? [[id, publicKeySpki] as const] : [],
    ),
  );
  for (const next of others) {
    if (checkpointFault(next, last, keys) !== null) return { alarm: "audit_checkpoint_replaced" };
    last = next;
  }
  return others.length < pageSize - 1 ? { last } : followFrom({ store, keyring }, last);
}

function raiseAlarm({ store, log }: Pick<Context, "store" | "log">, alarm: AuditAlarm): { alarm: AuditAlarm } {
  const watch = watchOf(store);
  watch.alarm = alarm;
  const { last } = watch;
  const remembered = last === null ? null : { checkpoint: Number(last.sequence), sha256: checkpointHashHex(last) };
  log.error(
    { alarm, remembered },
    "the audit chain was tampered with, or a backup was restored: no checkpoint is signed",
  );
  return { alarm };
}

function watchOf(store: Store): Watch {
  let watch = watches.get(store);
  if (watch === undefined) {
    watch = { last: null, alarm: null };
    watches.set(store, watch);
  }
  return watch;
}
