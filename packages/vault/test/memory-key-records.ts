import { LinchpinError } from "@linchpin/core";
import type { KeyRecord, KeyRecords } from "../src/key-records.ts";

/** The store that several keyrings share, in memory. Counts its queries, and can be told to fail. */
export class MemoryKeyRecords implements KeyRecords {
  reads = 0;
  reachable = true;
  #records: KeyRecord[] = [];

  async listKeys(): Promise<KeyRecord[]> {
    this.reads++;
    if (!this.reachable) throw new LinchpinError("unavailable");
    return [...this.#records];
  }

  async addKey(record: KeyRecord, previousAcceptedUntil: Date | null): Promise<"added" | "version_taken"> {
    const isSame = (other: KeyRecord, version: number) => other.purpose === record.purpose && other.version === version;
    if (this.#records.some((other) => isSame(other, record.version))) return "version_taken";
    this.#records = this.#records.map((other) =>
      isSame(other, record.version - 1) ? { ...other, acceptedUntil: previousAcceptedUntil } : other,
    );
    this.#records.push(record);
    return "added";
  }
}
