import { LinchpinError } from "@linchpin/core";
import { type Database, isRolledBack } from "../database/index.ts";
import { type GroupedQuery, type Item, skipped } from "./grouped-query.ts";

/** How many calls share a statement at most. */
const maxItems = 100;
/** How many calls may wait. Beyond them the database is too slow for what comes in, and a call is refused at once. */
const maxWaiting = 2000;
/** How long a call may wait for its turn. It is as long as a statement may take. */
const maxWaitMs = 10_000;
/** How many calls run alone at the same time: as few as leave connections to everybody else. */
const maxAlone = 2;

interface Call<Parameters extends unknown[], Result> extends Item<Parameters> {
  readonly queuedAtMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The calls of one query, which share statements: what waits at the end of a turn of the event loop, or when the group
 * before has ended, goes as one group. One group is under way at a time, and there is no timer: a call that comes alone
 * is sent at once.
 *
 * - Calls that lock the same thing are never under way at the same time, and go in the order in which they came.
 * - A call whose row somebody else holds, or whose values the database would refuse, runs alone.
 * - The calls of a group that failed run again, each alone, only where the error proves that nothing was committed.
 *   After any other error it is not known whether the group was committed: each call is answered by the error.
 */
export class GroupQueue<Parameters extends unknown[], Result> {
  readonly #database: Database;
  readonly #query: GroupedQuery<Parameters, Result>;
  #waiting: Call<Parameters, Result>[] = [];
  /** Calls that are to run alone. */
  readonly #lonely: Call<Parameters, Result>[] = [];
  /** What calls that are under way lock. */
  readonly #locked = new Set<string>();
  #alone = 0;
  #isUnderWay = false;
  #isScheduled = false;

  constructor(database: Database, query: GroupedQuery<Parameters, Result>) {
    this.#database = database;
    this.#query = query;
  }

  /** @throws LinchpinError as the query; `unavailable`: too many calls wait, or this one waited too long */
  async call(...parameters: Parameters): Promise<Result> {
    if (this.#waiting.length >= maxWaiting)
      throw new LinchpinError("unavailable", { reason: "too many calls wait for the database" });
    const item = this.#query.form.itemOf(parameters);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...item, queuedAtMs: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isUnderWay || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#runGroups();
    });
  }

  async #runGroups(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup()) await this.#runGroup(group);
    this.#isUnderWay = false;
  }

  /** The calls that can go now, in the order in which they came. The others stay. */
  #takeGroup(): Call<Parameters, Result>[] {
    const group: Call<Parameters, Result>[] = [];
    const staying: Call<Parameters, Result>[] = [];
    const passed = new Set<string>(); // what those that stay lock: who comes later must not overtake them
    const waitedSince = performance.now() - maxWaitMs;
    for (const call of this.#waiting) {
      const isFree = !call.locks.some((lock) => this.#locked.has(lock) || passed.has(lock));
      if (call.queuedAtMs < waitedSince)
        call.reject(new LinchpinError("unavailable", { reason: "the database is too slow for what comes in" }));
      else if (isFree && group.length < maxItems) {
        for (const lock of call.locks) this.#locked.add(lock);
        if (call.fits) group.push(call);
        else this.#runAlone(call);
      } else {
        for (const lock of call.locks) passed.add(lock);
        staying.push(call);
      }
    }
    this.#waiting = staying;
    return group;
  }

  async #runGroup(group: readonly Call<Parameters, Result>[]): Promise<void> {
    try {
      const results = await this.#query.form.run(this.#database, group);
      for (const [index, call] of group.entries()) {
        const result = results[index] as Result | typeof skipped;
        if (result === skipped) this.#runAlone(call);
        else this.#end(call, () => call.resolve(result));
      }
    } catch (error) {
      for (const call of group) {
        if (isRolledBack(error)) this.#runAlone(call);
        else this.#end(call, () => call.reject(error));
      }
    }
  }

  #runAlone(call: Call<Parameters, Result>): void {
    if (this.#alone >= maxAlone) {
      this.#lonely.push(call);
      return;
    }
    this.#alone++;
    void this.#query(this.#database, ...call.parameters)
      .then(
        (result) => this.#end(call, () => call.resolve(result)),
        (error) => this.#end(call, () => call.reject(error)),
      )
      .finally(() => {
        this.#alone--;
        const next = this.#lonely.shift();
        if (next !== undefined) this.#runAlone(next);
        this.#schedule();
      });
  }

  #end(call: Call<Parameters, Result>, answer: () => void): void {
    for (const lock of call.locks) this.#locked.delete(lock);
    answer();
  }
}
