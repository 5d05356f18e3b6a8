import { LinchpinError } from "@linchpin/core";

/** The issuer's time: that of a base clock, and whatever it was advanced by. */
export class SandboxClock {
  readonly #base: () => Date;
  #offsetMs = 0;

  constructor(base: () => Date) {
    this.#base = base;
  }

  readonly now = (): Date => new Date(this.#base().getTime() + this.#offsetMs);

  /** @throws LinchpinError `request_invalid`: `duration` is malformed, or leads beyond the year 9999 */
  advance(duration: string): Date {
    const offsetMs = this.#offsetMs + parseDuration(duration);
    if (this.#base().getTime() + offsetMs > lastTimeMs) throw invalid("it leads beyond the year 9999");
    this.#offsetMs = offsetMs;
    return this.now();
  }

  /** Back to the time of the base clock. */
  reset(): void {
    this.#offsetMs = 0;
  }
}

/** What `advance` takes. A clock never goes back: a negative duration is none. */
export const durationPattern = "^[0-9]{1,15}(ms|s|m|h|d)$";

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const lastTimeMs = Date.UTC(9999, 11, 31);

function parseDuration(duration: string): number {
  if (!new RegExp(durationPattern).test(duration))
    throw invalid("a duration is a number with a unit: 90s, 6m, 2h, 30d");
  const unit = duration.replace(/[0-9]+/, "");
  return Number.parseInt(duration, 10) * (unitsMs[unit] ?? 0);
}

function invalid(reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field: "advance", reason });
}
