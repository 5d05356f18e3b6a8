import type { KeyAlgorithm } from "../vault.ts";

/** What is kept of a key outside the vault, for ever. `handle` tells nothing without the vault that made it. */
export interface KeyRecord {
  readonly id: string;
  readonly purpose: string;
  /** 1, 2, 3 … within a purpose. */
  readonly version: number;
  readonly algorithm: KeyAlgorithm;
  /** Name of the vault that it computes in. */
  readonly vault: string;
  readonly publicKeySpki: Uint8Array | null;
  /** Empty once the key is destroyed. */
  readonly handle: Uint8Array;
  readonly createdAt: Date;
  /** Since when it is the current one, or when it became it; null: pending. */
  readonly currentFrom: Date | null;
  /** Until when it is accepted; null: for ever, or, for the current one, until another takes its place. */
  readonly acceptedUntil: Date | null;
  readonly destroyedAt: Date | null;
}

/** What the audit is told of a change to a record, in the transaction that makes it. */
export interface KeyNote {
  readonly subject: string;
  readonly cardId: string | null;
  readonly occurredAt: Date;
  readonly content: string;
}

/** Where key records are kept, so that every server of one issuer sees the same keys. */
export interface KeyRecords {
  listKeys(): Promise<KeyRecord[]>;
  /** Adds the next version of a purpose. `version_taken`: another server was first. */
  addKey(record: KeyRecord, note: KeyNote): Promise<"added" | "version_taken">;
  /**
   * Makes a pending key the current one; earlier ones that have no end yet end at `previousAcceptedUntil`.
   * `conflict`: it is not pending any more.
   */
  makeKeyCurrent(
    id: string,
    terms: { currentFrom: Date; acceptedUntil: Date | null; previousAcceptedUntil: Date | null },
    note: KeyNote,
  ): Promise<"made" | "conflict">;
  /**
   * Ends a key's acceptance now, where nothing that is kept needs it. `forceRecovery`: signing methods that do are
   * marked as needing recovery. `in_use`: something needs it; `conflict`: it is retired already.
   */
  retireKey(
    id: string,
    how: { at: Date; forceRecovery: boolean },
    note: KeyNote,
  ): Promise<"retired" | "in_use" | "conflict">;
  /** Marks a key as destroyed that was retired by `retiredBefore`. `conflict`: it was not, or is destroyed already. */
  destroyKey(
    id: string,
    when: { at: Date; retiredBefore: Date },
    note: KeyNote,
  ): Promise<"destroyed" | "in_use" | "conflict">;
  /** Of a key that was destroyed. */
  eraseKeyHandle(id: string): Promise<void>;
}
