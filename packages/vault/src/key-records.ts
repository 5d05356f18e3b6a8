import type { KeyAlgorithm } from "./vault.ts";

/** What is kept of a key outside the vault. `handle` tells nothing without the vault that made it. */
export interface KeyRecord {
  readonly id: string;
  readonly purpose: string;
  /** 1, 2, 3 … within a purpose; the highest is the current one. */
  readonly version: number;
  readonly algorithm: KeyAlgorithm;
  readonly publicKeySpki: Uint8Array | null;
  readonly handle: Uint8Array;
  readonly createdAt: Date;
  /** Until when it is accepted; null: for ever, or, for the current one, until another takes its place. */
  readonly acceptedUntil: Date | null;
}

/** Where key records are kept, so that every server of one issuer sees the same keys. */
export interface KeyRecords {
  listKeys(): Promise<KeyRecord[]>;
  /**
   * Adds the next version of a purpose and, in the same transaction, ends the overlap of the version before it.
   * `version_taken`: another server was first.
   */
  addKey(record: KeyRecord, previousAcceptedUntil: Date | null): Promise<"added" | "version_taken">;
}
