import {
  type AuditEvent,
  type CheckpointedVerification,
  type CheckpointReader,
  checkpointHashHex,
  verifyCheckpointedChain,
} from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { incomingPurposes } from "./end-incoming-keys.ts";
import { findLostEvents } from "./lost-events.ts";
import { type LostChanges, planRestore, type Revived } from "./plan-restore.ts";

/** An export of the audit that was kept apart from the database, and the keys that are trusted to have signed it. */
export interface KeptExport {
  readonly reader: CheckpointReader;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** What an examination of a restored database finds. */
export interface RestoreFindings {
  readonly database: CheckpointedVerification;
  /** The last event and the last checkpoint in the database. Null: there is none. */
  readonly endsAt: Date | null;
  readonly lastCheckpoint: string | null;
  /** Purposes whose keys must end, so that no message opens twice. */
  readonly incomingPurposes: readonly string[];
  /** Null: no export was given, so that nothing is known of what happened after the backup. */
  readonly afterBackup: AfterBackup | null;
}

interface AfterBackup {
  readonly exported: CheckpointedVerification;
  readonly lostEvents: number;
  readonly lastLostAt: Date | null;
  readonly revived: Revived;
  readonly lost: LostChanges;
}

/**
 * Examines a restored database and changes nothing. Of an export that does not verify nothing more is read.
 * @throws LinchpinError `conflict`: the export is of another issuer
 */
export async function examineRestore(context: Context, kept: KeptExport | null): Promise<RestoreFindings> {
  const { store, keyring } = context;
  const keys = new Map(
    (await keyring.list()).flatMap(({ id, purpose, publicKeySpki }) =>
      purpose === "audit" && publicKeySpki !== null ? [[id, publicKeySpki] as const] : [],
    ),
  );
  const database = await verifyCheckpointedChain(store, keys);
  const last = await store.findLastAuditCheckpoint();
  return {
    database,
    endsAt: await lastEventAt(context),
    lastCheckpoint: last === null ? null : `${last.sequence}:${checkpointHashHex(last)}`,
    incomingPurposes: await incomingPurposes(context),
    afterBackup: kept === null ? null : await examineExport(context, kept),
  };
}

async function examineExport(context: Context, { reader, keys }: KeptExport): Promise<AfterBackup> {
  const exported = await verifyCheckpointedChain(reader, keys, { needsCheckpoint: true });
  const events: readonly AuditEvent[] = exported.intact ? await findLostEvents(context.store, reader) : [];
  const plan = await planRestore(context, events);
  return { exported, lostEvents: events.length, lastLostAt: events.at(-1)?.occurredAt ?? null, ...plan };
}

async function lastEventAt({ store }: Pick<Context, "store">): Promise<Date | null> {
  const times: number[] = [];
  for (const { shard, sequence } of await store.listAuditShards()) {
    const [event] = await store.listShardAuditEvents(shard, { afterSequence: sequence - 1n, limit: 1 });
    if (event !== undefined) times.push(event.occurredAt.getTime());
  }
  return times.length === 0 ? null : new Date(Math.max(...times));
}
