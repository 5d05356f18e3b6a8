import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import { addKeyManifest } from "./add-key-manifest.ts";
import { findLastKeyManifest } from "./find-last-key-manifest.ts";
import type { KeyManifest } from "./records.ts";

export type { KeyManifest } from "./records.ts";

/** The signed lists of the issuer's keys. Each stays, so that it is known which keys were published when. */
export interface ManifestStore {
  /** `taken`: `previousSeq` is no longer the last one, so that what was listed may be out of date. */
  addKeyManifest(manifest: KeyManifest, previousSeq: number): Promise<"added" | "taken">;
  findLastKeyManifest(): Promise<KeyManifest | null>;
}

export function manifestStore(database: Database): ManifestStore {
  return bindQueries(database, { addKeyManifest, findLastKeyManifest });
}
