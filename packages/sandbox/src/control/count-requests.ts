import type { Context, Sandbox } from "@linchpin/server/issuer";

type Counted = (error: Error | null, count: { current: number; ttl: number }) => void;

/** Requests per caller and time window, for `@fastify/rate-limit`: windows follow the sandbox's clock. */
export function countRequests({ clock, onReset }: Pick<Context, "clock" | "onReset">): Sandbox["requestCounts"] {
  return class RequestCounts {
    readonly #counts = new Map<string, { current: number; startedAtMs: number }>();

    constructor() {
      onReset?.(() => this.#counts.clear());
    }

    incr(caller: string, done: Counted, timeWindowMs: number): void {
      const nowMs = clock().getTime();
      const known = this.#counts.get(caller);
      const isOver = known === undefined || nowMs >= known.startedAtMs + timeWindowMs;
      const count = isOver ? { current: 1, startedAtMs: nowMs } : { ...known, current: known.current + 1 };
      this.#counts.set(caller, count);
      done(null, { current: count.current, ttl: count.startedAtMs + timeWindowMs - nowMs });
    }

    child(): RequestCounts {
      return new RequestCounts();
    }
  };
}
