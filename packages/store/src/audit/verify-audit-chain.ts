import { auditHash } from "./audit-hash.ts";
import type { AuditEvent, AuditReader, AuditShard } from "./records.ts";

/** `events` is the number of events that were checked. */
export type AuditVerification =
  | { readonly intact: true; readonly events: bigint }
  | { readonly intact: false; readonly events: bigint; readonly break: AuditBreak };

/** The first event at which the chain is broken. */
export interface AuditBreak {
  readonly shard: number;
  readonly sequence: bigint;
  /**
   * `altered`: the event is not the one that was written, or events before it were removed and the rest renumbered.
   * `missing`: there is no event of this sequence. `reordered`: the event of this sequence has a later sequence now.
   * `head_mismatch`: the events hold, but the head differs, is missing (sequence 0), or there are events after it.
   * `truncated`: a known link of this or a later sequence is gone, and the head was set back.
   * `rewritten`: hashes were computed again, starting between this sequence and the next known link.
   */
  readonly what: "altered" | "missing" | "reordered" | "head_mismatch" | "truncated" | "rewritten";
}

/** The hash of an event that is known from outside the chain, such as from a checkpoint. */
export interface KnownLink {
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

/**
 * Verifies each shard from its first event to its head, page by page. Events may be appended meanwhile. A database has
 * the heads of all its shards from the beginning, so a chain without any head is broken.
 *
 * Without known links it cannot detect that events at the end were removed together with the head, nor that all hashes
 * were computed again, nor that the last shards were removed together with their heads.
 * @param knownLinks by shard, one array for each shard that is known to exist; those of a shard in order of sequence
 */
export async function verifyAuditChain(
  store: AuditReader,
  pageSize = 1000,
  knownLinks: readonly (readonly KnownLink[])[] = [],
): Promise<AuditVerification> {
  const heads = await store.listAuditShards();
  const shardCount = knownLinks.length > 0 ? knownLinks.length : Math.max(heads.length, 1);
  let events = 0n;
  for (let shard = 0; shard < shardCount; shard++) {
    const head = heads[shard];
    if (head?.shard !== shard) return { intact: false, events, break: withoutHead(shard) };
    const { last, fault } = await walkShard(store, head, pageSize, knownLinks[shard] ?? []);
    events += last.sequence;
    if (fault !== null) return { intact: false, events, break: fault };
  }
  const hasMoreEvents = (await store.listShardAuditEvents(shardCount, { afterSequence: 0n, limit: 1 })).length > 0;
  if (hasMoreEvents || heads.length > shardCount) return { intact: false, events, break: withoutHead(shardCount) };
  return { intact: true, events };
}

function withoutHead(shard: number): AuditBreak {
  return { shard, sequence: 0n, what: "head_mismatch" };
}

type Link = Pick<AuditEvent, "sequence" | "hash">;

const beforeFirst: Link = { sequence: 0n, hash: new Uint8Array(32) };

/** `last` is the last event that holds. */
async function walkShard(
  store: AuditReader,
  head: AuditShard,
  pageSize: number,
  knownLinks: readonly KnownLink[],
): Promise<{ last: Link; fault: AuditBreak | null }> {
  const { shard } = head;
  let last = beforeFirst;
  let lastKnown = beforeFirst;
  let knownCount = 0;
  let beyond: AuditEvent | null = null;
  for await (const event of eventsAfter(store, head.shard, last.sequence, pageSize)) {
    if (last.sequence === head.sequence) {
      beyond = event;
      break;
    }
    if (!follows(event, last)) {
      const what = await explain(store, last, event, pageSize);
      return { last, fault: { shard, sequence: last.sequence + 1n, what } };
    }
    last = event;
    const known = knownLinks[knownCount];
    if (known?.sequence !== event.sequence) continue;
    if (!equal(known.hash, event.hash))
      return { last, fault: { shard, sequence: lastKnown.sequence + 1n, what: "rewritten" } };
    lastKnown = known;
    knownCount++;
  }
  if (last.sequence < head.sequence) return { last, fault: { shard, sequence: last.sequence + 1n, what: "missing" } };
  if (knownCount < knownLinks.length)
    return { last, fault: { shard, sequence: last.sequence + 1n, what: "truncated" } };
  const holds = equal(last.hash, head.hash) && (beyond === null || (await hasReached(store, beyond)));
  return { last, fault: holds ? null : { shard, sequence: head.sequence, what: "head_mismatch" } };
}

async function* eventsAfter(store: AuditReader, shard: number, sequence: bigint, pageSize: number) {
  let page: AuditEvent[];
  let afterSequence = sequence;
  do {
    page = await store.listShardAuditEvents(shard, { afterSequence, limit: pageSize });
    yield* page;
    afterSequence = page.at(-1)?.sequence ?? afterSequence;
  } while (page.length === pageSize);
}

function follows(event: AuditEvent, last: Link): boolean {
  return event.sequence === last.sequence + 1n && equal(auditHash(last.hash, event), event.hash);
}

/** What happened to the event after `last`, in whose place `found` is. */
async function explain(
  store: AuditReader,
  last: Link,
  found: AuditEvent,
  pageSize: number,
): Promise<"altered" | "missing" | "reordered"> {
  const sequence = last.sequence + 1n;
  for await (const event of eventsAfter(store, found.shard, last.sequence, pageSize)) {
    if (event.sequence !== sequence && follows({ ...event, sequence }, last)) return "reordered";
  }
  return found.sequence === sequence ? "altered" : "missing";
}

/** Whether the head, read again, has reached an event that was appended after it was first read. */
async function hasReached(store: AuditReader, event: AuditEvent): Promise<boolean> {
  const head = (await store.listAuditShards()).find(({ shard }) => shard === event.shard);
  return head !== undefined && head.sequence >= event.sequence;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
