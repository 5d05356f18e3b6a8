import { createHash } from "node:crypto";
import { bytesFromBase64, bytesFromHex } from "@linchpin/core";
import type { CheckpointReader } from "@linchpin/store";
import type { HttpCaller } from "./http-caller.ts";
import { type ListedKey, toldPublicKey } from "./listed-key.ts";

interface ListedShard {
  readonly shard: number;
  readonly sequence: number;
  readonly hash: string;
}

interface ListedCheckpoint {
  readonly sequence: number;
  readonly content: string;
  readonly keyId: string;
  readonly signature: string;
}

interface ListedEvent extends ListedShard {
  readonly cardId: string | null;
  readonly occurredAt: string;
  readonly content: string;
}

export type AuditKeys = ReadonlyMap<string, Uint8Array>;

/** The chain as the issuer API returns it, so that its hashes can be computed again far from the database. */
export function auditReaderOf(
  issuer: HttpCaller,
  onProgress: (progress: { read: number; of: number }) => void = () => {},
): CheckpointReader {
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
    async listAuditCheckpoints({ afterSequence, limit }) {
      const query = new URLSearchParams({ afterSequence: `${afterSequence}`, limit: `${limit}` });
      const checkpoints = await issuer.ask<ListedCheckpoint[]>("GET", `/audit-checkpoints?${query}`);
      return checkpoints.map(({ sequence, signature, ...checkpoint }) => ({
        ...checkpoint,
        sequence: BigInt(sequence),
        signature: bytesFromBase64(signature),
      }));
    },
  };
}

/**
 * The keys that sign checkpoints, by id, SPKI in DER.
 * @throws Failure: the issuer does not tell one, and what it signed could not be verified
 */
export async function auditKeysOf(issuer: HttpCaller): Promise<AuditKeys> {
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const signing = keys.filter(({ purpose }) => purpose === "audit");
  return new Map(signing.map((key) => [key.id, bytesFromBase64(toldPublicKey(key))]));
}

/** Of `keys` those with one of these fingerprints; all of them where `fingerprints` is undefined. */
export function trustedKeys(keys: AuditKeys, fingerprints: readonly string[] | undefined): AuditKeys {
  if (fingerprints === undefined) return keys;
  return new Map([...keys].filter(([, spki]) => fingerprints.includes(fingerprintOf(spki))));
}

/** SHA-256 of SPKI, hex. */
export function fingerprintOf(spki: Uint8Array | undefined): string {
  return createHash("sha256")
    .update(spki ?? "")
    .digest("hex");
}

function linkOf({ shard, sequence, hash }: ListedShard) {
  return { shard, sequence: BigInt(sequence), hash: bytesFromHex(hash) };
}
