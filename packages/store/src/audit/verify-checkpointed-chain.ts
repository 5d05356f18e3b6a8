import { createHash, createPublicKey, verify } from "node:crypto";
import type { AuditCheckpoint, CheckpointContent, CheckpointReader } from "./records.ts";
import { type AuditBreak, type KnownLink, verifyAuditChain } from "./verify-audit-chain.ts";

/** `events` and `checkpoints` are how many were checked, `keyIds` the keys whose signatures hold. */
export type CheckpointedVerification = {
  readonly events: bigint;
  readonly checkpoints: bigint;
  readonly keyIds: readonly string[];
} & ({ readonly intact: true } | { readonly intact: false; readonly break: AuditBreak | CheckpointBreak });

/** The first checkpoint that is not valid. */
export interface CheckpointBreak {
  readonly checkpoint: bigint;
  /**
   * `unsigned`: the content is not signed by a trusted key. `missing`: there is no checkpoint of this sequence.
   * `unbound`: it does not contain the hash of the checkpoint before, or one of its heads is before that checkpoint's,
   * or it has another number of heads. `unexpected`: it is valid, and not the one that was expected.
   */
  readonly what: "unsigned" | "missing" | "unbound" | "unexpected";
}

/** A checkpoint that was noted outside the database, such as from the issuer's log. */
export interface ExpectedCheckpoint {
  readonly sequence: bigint;
  /** `checkpointHashHex` of it. */
  readonly hashHex: string;
}

interface VerificationOptions {
  readonly pageSize?: number;
  /** The chain must contain this checkpoint. Null: no checkpoint is known. */
  readonly expected?: ExpectedCheckpoint | null;
  /** At least one checkpoint must be there, so that a chain of which nothing is left is not intact. */
  readonly needsCheckpoint?: boolean;
}

/**
 * Verifies all checkpoints, and then the chain against them. It detects events that were altered, removed, reordered or
 * inserted before the last checkpoint, even if all hashes and heads were computed again. It cannot detect changes
 * after the last checkpoint. It detects that the last checkpoints were removed, or that an old state of the database was
 * restored, only up to the checkpoint in `expected`.
 * @param keys the trusted public keys by id, SPKI in DER
 */
export async function verifyCheckpointedChain(
  store: CheckpointReader,
  keys: ReadonlyMap<string, Uint8Array>,
  { pageSize = 1000, expected = null, needsCheckpoint = false }: VerificationOptions = {},
): Promise<CheckpointedVerification> {
  // Checkpoints are read before the heads, so that no checkpoint is newer than the heads.
  const walked = await walkCheckpoints(store, keys, { pageSize, expected });
  const { last, keyIds, links } = walked;
  const neededSequence = expected?.sequence ?? (needsCheckpoint ? 1n : 0n);
  const isShort = (last?.sequence ?? 0n) < neededSequence;
  const fault = walked.fault ?? (isShort ? ({ checkpoint: neededSequence, what: "missing" } as const) : null);
  const counted = { checkpoints: last?.sequence ?? 0n, keyIds };
  if (fault !== null) return { intact: false, events: 0n, ...counted, break: fault };
  return { ...(await verifyAuditChain(store, pageSize, links)), ...counted };
}

interface Walked {
  readonly last: AuditCheckpoint | null;
  readonly keyIds: readonly string[];
  readonly links: readonly (readonly KnownLink[])[];
  readonly fault: CheckpointBreak | null;
}

/** `last` is the last checkpoint that is valid. */
async function walkCheckpoints(
  store: CheckpointReader,
  keys: ReadonlyMap<string, Uint8Array>,
  { pageSize, expected }: { pageSize: number; expected: ExpectedCheckpoint | null },
): Promise<Walked> {
  let last: AuditCheckpoint | null = null;
  const keyIds = new Set<string>();
  const links: KnownLink[][] = [];
  for await (const checkpoint of checkpointsOf(store, pageSize)) {
    const what =
      checkpointFault(checkpoint, last, keys) ??
      (addLinks(links, contentOf(checkpoint)) ? null : "unbound") ??
      (isOther(checkpoint, expected) ? "unexpected" : null);
    if (what !== null) {
      const sequence = (last?.sequence ?? 0n) + 1n;
      return { last, keyIds: [...keyIds], links, fault: { checkpoint: sequence, what } };
    }
    keyIds.add(checkpoint.keyId);
    last = checkpoint;
  }
  return { last, keyIds: [...keyIds], links, fault: null };
}

/** What is wrong with `checkpoint` as the one that follows `last`; null: nothing. */
export function checkpointFault(
  checkpoint: AuditCheckpoint,
  last: AuditCheckpoint | null,
  keys: ReadonlyMap<string, Uint8Array>,
): "missing" | "unsigned" | "unbound" | null {
  const sequence = (last?.sequence ?? 0n) + 1n;
  if (checkpoint.sequence !== sequence) return "missing";
  if (!isSigned(checkpoint, keys.get(checkpoint.keyId))) return "unsigned";
  const content = contentOf(checkpoint);
  const isBound = BigInt(content.sequence) === sequence && content.keyId === checkpoint.keyId;
  return isBound && content.previous === checkpointHashHex(last) ? null : "unbound";
}

function isOther(checkpoint: AuditCheckpoint, expected: ExpectedCheckpoint | null): boolean {
  return checkpoint.sequence === expected?.sequence && checkpointHashHex(checkpoint) !== expected.hashHex;
}

/**
 * What the next checkpoint contains as `previous`: the SHA-256 of this content in hex, or 64 zeros before the first.
 */
export function checkpointHashHex(checkpoint: AuditCheckpoint | null): string {
  return checkpoint === null ? "0".repeat(64) : createHash("sha256").update(checkpoint.content).digest("hex");
}

function isSigned({ content, signature }: AuditCheckpoint, publicKeySpki: Uint8Array | undefined): boolean {
  if (publicKeySpki === undefined) return false;
  const key = createPublicKey({ key: Buffer.from(publicKeySpki), format: "der", type: "spki" });
  return verify("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** Call it only after the signature was verified. */
function contentOf({ content }: AuditCheckpoint): CheckpointContent {
  return JSON.parse(content);
}

/**
 * Adds the heads that have moved. False when a head is before that of an earlier checkpoint, or when an earlier
 * checkpoint had another number of heads.
 */
function addLinks(links: KnownLink[][], { heads }: CheckpointContent): boolean {
  if (heads.length === 0 || (links.length > 0 && links.length !== heads.length)) return false;
  for (const [shard, [number, hashHex]] of heads.entries()) {
    const ofShard = links[shard] ?? [];
    const sequence = BigInt(number);
    const lastSequence = ofShard.at(-1)?.sequence ?? 0n;
    if (sequence < lastSequence) return false;
    if (sequence > lastSequence) ofShard.push({ sequence, hash: new Uint8Array(Buffer.from(hashHex, "hex")) });
    links[shard] = ofShard;
  }
  return true;
}

async function* checkpointsOf(store: CheckpointReader, pageSize: number) {
  let page: AuditCheckpoint[];
  let afterSequence = 0n;
  do {
    page = await store.listAuditCheckpoints({ afterSequence, limit: pageSize });
    yield* page;
    afterSequence = page.at(-1)?.sequence ?? afterSequence;
  } while (page.length === pageSize);
}
