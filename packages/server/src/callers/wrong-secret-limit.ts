import type { Context } from "../context/index.ts";
import { minuteMs } from "../durations.ts";

/** A comparison that may be made. Its outcome is reported once; a later report changes nothing. */
export type ReportOutcome = (outcome: "right" | "wrong") => void;

/**
 * How many wrong secrets one caller may give at one route in a minute, over all servers. Each comparison is reserved
 * before it is made and given back when the secret was right, so that requests which are released together get no more
 * than requests which come one after the other. A request that finds all reservations in use waits for one of them.
 *
 * Each process reserves a tenth of the limit in the store ahead, beside the requests that it serves, so that none of
 * them waits for that statement. Until its first reservation of the minute is answered, a process compares one secret
 * without: of n processes, n - 1 wrong secrets more than the limit may pass. Where the store cannot be reached, each
 * process has the whole limit.
 */
export class WrongSecretLimit {
  readonly #perMinute: number;
  readonly #store: Pick<Context["store"], "reserveWrongSecrets">;
  readonly #clock: () => Date;
  readonly #counts = new Map<string, Count>();

  constructor({ store, clock }: WrongSecretLimitContext, perMinute: number) {
    this.#store = store;
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** `refused`: the caller was wrong too often in this minute; `isFirst`: this is its first refusal for that. */
  async reserve(name: string): Promise<ReportOutcome | { readonly refused: true; readonly isFirst: boolean }> {
    for (;;) {
      const count = this.#countOf(name);
      const { granted, wrong, comparing, isExhausted, isAsking } = count;
      const isFirstOfMinute = granted === 0 && wrong === 0 && comparing === 0 && !isExhausted;
      if (granted > wrong + comparing || isFirstOfMinute) return this.#begin(name, count);
      if (isExhausted && comparing === 0 && !isAsking) {
        const isFirst = !count.isTold;
        count.isTold = true;
        return { refused: true, isFirst };
      }
      this.#reserveAhead(name, count);
      await new Promise<void>((resolve) => count.waiting.push(resolve));
    }
  }

  /** Forgets every count of this process. */
  forget(): void {
    this.#counts.clear();
  }

  #begin(name: string, count: Count): ReportOutcome {
    count.comparing++;
    this.#reserveAhead(name, count);
    let isReported = false;
    return (outcome) => {
      if (isReported) return;
      isReported = true;
      count.comparing--;
      if (outcome === "wrong") count.wrong++;
      this.#reserveAhead(name, count);
      wake(count);
    };
  }

  /** Reserves what wrong secrets have used up, unless that is under way or nothing is left. */
  #reserveAhead(name: string, count: Count): void {
    const amount = Math.ceil(this.#perMinute / 10) - (count.granted - count.wrong);
    if (count.isAsking || count.isExhausted || amount <= 0) return;
    count.isAsking = true;
    const at = new Date(count.minute * minuteMs);
    this.#store
      .reserveWrongSecrets(name, at, { amount, limit: this.#perMinute })
      .catch(() => Math.min(amount, this.#perMinute - count.granted))
      .then((granted) => {
        count.isAsking = false;
        count.granted += granted;
        count.isExhausted = granted < amount;
        wake(count);
      });
  }

  #countOf(name: string): Count {
    const minute = Math.floor(this.#clock().getTime() / minuteMs);
    const known = this.#counts.get(name);
    if (known?.minute === minute) return known;
    const fresh: Count = { ...noneYet, minute, waiting: [] };
    this.#counts.set(name, fresh);
    return fresh;
  }
}

type WrongSecretLimitContext = { readonly store: Pick<Context["store"], "reserveWrongSecrets"> } & Pick<
  Context,
  "clock"
>;

/** One caller at one route, in one minute, in this process. */
interface Count {
  readonly minute: number;
  /** How many wrong secrets the store granted this process. */
  granted: number;
  wrong: number;
  /** Comparisons under way. */
  comparing: number;
  isAsking: boolean;
  /** The store granted less than was asked for: nothing is left for this minute. */
  isExhausted: boolean;
  isTold: boolean;
  /** Requests that wait until something changes. */
  readonly waiting: (() => void)[];
}

const noneYet = { granted: 0, wrong: 0, comparing: 0, isAsking: false, isExhausted: false, isTold: false };

function wake({ waiting }: Count): void {
  for (const resolve of waiting.splice(0)) resolve();
}
