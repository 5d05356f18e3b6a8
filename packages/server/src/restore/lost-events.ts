import { LinchpinError } from "@linchpin/core";
import type { AuditEvent, AuditReader } from "@linchpin/store";

const pageSize = 1000;

/**
 * The events that an export has and the restored database does not, oldest first. Both have the same events up to a
 * sequence of each shard: from there on the export shows what was lost, while the database may have been written to since
 * it was restored.
 * @throws LinchpinError `conflict`: they have no event in common, so the export is of another issuer
 */
export async function findLostEvents(store: AuditReader, exported: AuditReader): Promise<AuditEvent[]> {
  const heads = new Map((await store.listAuditShards()).map((head) => [head.shard, head]));
  const lost: AuditEvent[] = [];
  let commonCount = 0n;
  let storedCount = 0n;
  for (const { shard, sequence } of await exported.listAuditShards()) {
    const stored = heads.get(shard)?.sequence ?? 0n;
    const common = await countCommon(store, exported, shard, stored < sequence ? stored : sequence);
    for await (const event of eventsAfter(exported, shard, common)) lost.push(event);
    commonCount += common;
    storedCount += stored;
  }
  if (commonCount === 0n && storedCount > 0n)
    throw new LinchpinError("conflict", { reason: "the export and the database have no event in common" });
  return lost.toSorted((one, other) => one.occurredAt.getTime() - other.occurredAt.getTime());
}

/** Each hash covers the events before it, so where two hashes of a sequence are equal, all events before are. */
async function countCommon(store: AuditReader, exported: AuditReader, shard: number, upTo: bigint): Promise<bigint> {
  let [common, differing] = [0n, upTo + 1n];
  while (differing - common > 1n) {
    const middle = (common + differing) / 2n;
    const [one, other] = await Promise.all([hashAt(store, shard, middle), hashAt(exported, shard, middle)]);
    if (one !== null && one === other) common = middle;
    else differing = middle;
  }
  return common;
}

async function hashAt(reader: AuditReader, shard: number, sequence: bigint): Promise<string | null> {
  const [event] = await reader.listShardAuditEvents(shard, { afterSequence: sequence - 1n, limit: 1 });
  return event?.sequence === sequence ? Buffer.from(event.hash).toString("hex") : null;
}

async function* eventsAfter(reader: AuditReader, shard: number, sequence: bigint): AsyncGenerator<AuditEvent> {
  let afterSequence = sequence;
  for (;;) {
    const page = await reader.listShardAuditEvents(shard, { afterSequence, limit: pageSize });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    afterSequence = last.sequence;
  }
}
