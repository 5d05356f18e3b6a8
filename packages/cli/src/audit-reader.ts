import { bytesFromHex } from "@linchpin/core";
import type { AuditReader } from "@linchpin/store";
import type { HttpCaller } from "./http-caller.ts";

interface ListedShard {
  readonly shard: number;
  readonly sequence: number;
  readonly hash: string;
}

interface ListedEvent extends ListedShard {
  readonly cardId: string | null;
  readonly occurredAt: string;
  readonly content: string;
}

/** The chain as the issuer API tells it, so that its hashes can be computed again far from the database. */
export function auditReaderOf(
  issuer: HttpCaller,
  onProgress: (progress: { read: number; of: number }) => void = () => {},
): AuditReader {
  let read = 0;
  let of = 0;
  return {
    async listAuditShards() {
      const shards = await issuer.ask<ListedShard[]>("GET", "/audit-shards");
      of = shards.reduce((sum, { sequence }) => sum + sequence, 0);
      return shards.map(linkOf);
    },
    async listShardAuditEvents(shard, { afterSequence, limit }) {
      const query = new URLSearchParams({ shard: `${shard}`, afterSequence: `${afterSequence}`, limit: `${limit}` });
      const events = await issuer.ask<ListedEvent[]>("GET", `/audit-events?${query}`);
      read += events.length;
      onProgress({ read: Math.min(read, of), of });
      return events.map(({ cardId, occurredAt, content, ...link }) => ({
        ...linkOf(link),
        cardId,
        occurredAt: new Date(occurredAt),
        content,
      }));
    },
  };
}

function linkOf({ shard, sequence, hash }: ListedShard) {
  return { shard, sequence: BigInt(sequence), hash: bytesFromHex(hash) };
}
