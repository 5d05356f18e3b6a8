import { LinchpinError } from "@linchpin/core";
import type { AuditEntry, KeyRecord, KeyRecords, OutboxEntry } from "../../src/keyring/key-records.ts";

/** Key records in memory, which several keyrings share. They count their queries, and can be made unreachable. */
export class MemoryKeyRecords implements KeyRecords {
  reads = 0;
  reachable = true;
  /** Ids of the keys that a stored value needs. */
  readonly inUse = new Set<string>();
  readonly auditEntries: AuditEntry[] = [];
  readonly outbox: OutboxEntry[] = [];
  #records: KeyRecord[] = [];

  async listKeys(): Promise<KeyRecord[]> {
    this.reads++;
    if (!this.reachable) throw new LinchpinError("unavailable");
    return [...this.#records];
  }

  async addKey(record: KeyRecord, audit: AuditEntry): Promise<"added" | "version_taken"> {
    const isTaken = this.#records.some(
      ({ purpose, version }) => purpose === record.purpose && version >= record.version,
    );
    if (isTaken) return "version_taken";
    this.#records.push(record);
    this.auditEntries.push(audit);
    return "added";
  }

  async makeKeyCurrent(
    id: string,
    terms: {
      currentFrom: Date;
      acceptedUntil: Date | null;
      previousAcceptedUntil: Date | null;
      parallelVersions?: number;
    },
    audit: AuditEntry,
    outbox: readonly OutboxEntry[],
  ): Promise<"made" | "conflict"> {
    const { currentFrom, acceptedUntil, previousAcceptedUntil, parallelVersions = 1 } = terms;
    const made = this.#records.find((record) => record.id === id && record.currentFrom === null);
    if (made === undefined || made.acceptedUntil !== null) return "conflict";
    this.#records = this.#records.map((record) => {
      if (record.id === id) return { ...record, currentFrom, acceptedUntil };
      if (record.purpose !== made.purpose || record.acceptedUntil !== null) return record;
      if (record.currentFrom !== null && (made.version - record.version) % parallelVersions !== 0) return record;
      return { ...record, acceptedUntil: record.currentFrom === null ? currentFrom : previousAcceptedUntil };
    });
    this.auditEntries.push(audit);
    this.outbox.push(...outbox);
    return "made";
  }

  async retireKey(
    id: string,
    { at, forceRecovery }: { at: Date; forceRecovery: boolean },
    audit: AuditEntry,
  ): Promise<"retired" | "in_use" | "conflict"> {
    if (this.inUse.has(id) && !forceRecovery) return "in_use";
    return this.#change(id, { acceptedUntil: at }, audit) ? "retired" : "conflict";
  }

  async destroyKey(
    id: string,
    { at, retiredBefore }: { at: Date; retiredBefore: Date },
    audit: AuditEntry,
  ): Promise<"destroyed" | "in_use" | "conflict"> {
    const key = this.#records.find((record) => record.id === id);
    if (key?.acceptedUntil == null || key.acceptedUntil > retiredBefore) return "conflict";
    if (this.inUse.has(id)) return "in_use";
    return this.#change(id, { destroyedAt: at }, audit) ? "destroyed" : "conflict";
  }

  async eraseKeyHandle(id: string): Promise<void> {
    this.#records = this.#records.map((record) =>
      record.id === id && record.destroyedAt !== null ? { ...record, handle: new Uint8Array() } : record,
    );
  }

  #change(id: string, change: Partial<KeyRecord>, audit: AuditEntry): boolean {
    const found = this.#records.some((record) => record.id === id && record.destroyedAt === null);
    if (!found) return false;
    this.#records = this.#records.map((record) => (record.id === id ? { ...record, ...change } : record));
    this.auditEntries.push(audit);
    return true;
  }
}
