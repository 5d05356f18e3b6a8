import type { KeyRecord, KeyRecords } from "./key-records.ts";

interface CachedRead {
  readonly readAtMs: number;
  readonly records: Promise<readonly KeyRecord[]>;
}

/**
 * The key records as they were read last. Calls that arrive during a read share its one query. A read that failed is
 * not remembered.
 */
export class KeyRecordCache {
  /** How long another server's change can stay unseen here, unless a caller asks for newer records. */
  readonly maxAgeMs: number;
  readonly #source: Pick<KeyRecords, "listKeys">;
  readonly #clock: () => Date;
  #latest: CachedRead | null = null;

  constructor(source: Pick<KeyRecords, "listKeys">, { clock, maxAgeMs }: { clock: () => Date; maxAgeMs: number }) {
    this.#source = source;
    this.#clock = clock;
    this.maxAgeMs = maxAgeMs;
  }

  /**
   * All records, by purpose, newest version first. They were read at most `maxAgeMs` ago, or the cache's own
   * `maxAgeMs` where that is less.
   *
   * @throws LinchpinError `unavailable`: the records cannot be reached
   */
  list(maxAgeMs = this.maxAgeMs): Promise<readonly KeyRecord[]> {
    const nowMs = this.#clock().getTime();
    const latest = this.#latest;
    if (latest !== null && isFresh(nowMs - latest.readAtMs, Math.min(this.maxAgeMs, maxAgeMs))) return latest.records;
    const reading = { readAtMs: nowMs, records: this.#source.listKeys().then(newestFirst) };
    this.#latest = reading;
    reading.records.catch(() => {
      if (this.#latest === reading) this.#latest = null;
    });
    return reading.records;
  }

  /** The versions of one purpose, newest first. @throws as `list` does */
  async versions(purpose: string, maxAgeMs?: number): Promise<KeyRecord[]> {
    return (await this.list(maxAgeMs)).filter((record) => record.purpose === purpose);
  }

  /** The next call reads the records again. */
  clear(): void {
    this.#latest = null;
  }
}

/** A negative age means that the clock was set back: nobody knows then how old the records are. */
function isFresh(ageMs: number, maxAgeMs: number): boolean {
  return ageMs >= 0 && ageMs < maxAgeMs;
}

function newestFirst(records: readonly KeyRecord[]): KeyRecord[] {
  return records.toSorted((a, b) => a.purpose.localeCompare(b.purpose) || b.version - a.version);
}
