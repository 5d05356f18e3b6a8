import type { Answered, Asked, Attempt } from "./history.ts";

/** One message, over all attempts to send it. */
export interface Operation {
  readonly subject: string;
  readonly message: string;
  readonly asked: Asked;
  /** Between these it took effect, if it did. Infinity: who asked never learned, so it may still. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly effect: "applied" | "perhaps" | "none";
  /** Null: applied, perhaps, and the answer was lost. */
  readonly result: Answered | null;
  /** How many attempts received the answer that they were the one. */
  readonly acknowledgements: number;
}

/** In order of their start. */
export function operationsOf(history: readonly Attempt[]): Operation[] {
  const byMessage = Map.groupBy(history, ({ message }) => message);
  return [...byMessage.values()].map(operationOf).toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}

function operationOf(attempts: readonly Attempt[]): Operation {
  const [first] = attempts;
  if (first === undefined) throw new TypeError("a message was sent at least once");
  const { subject, message, asked } = first;
  const acknowledged = attempts.filter(isAcknowledged);
  const common = { subject, message, asked, acknowledgements: acknowledged.length };
  const [taken] = acknowledged;
  if (taken !== undefined) {
    const { startedAtMs, endedAtMs, answered } = taken;
    return { ...common, startedAtMs, endedAtMs, effect: "applied", result: answered };
  }
  const startedAtMs = Math.min(...attempts.map((attempt) => attempt.startedAtMs));
  const whose = (says: Answered["says"]) => attempts.find(({ answered }) => answered.says === says);
  const replayed = whose("replayed");
  // One whose answer was lost was the first to use it.
  if (replayed !== undefined && whose("unknown") !== undefined)
    return { ...common, startedAtMs, endedAtMs: replayed.endedAtMs, effect: "applied", result: null };
  if (whose("unknown") !== undefined)
    return { ...common, startedAtMs, endedAtMs: Number.POSITIVE_INFINITY, effect: "perhaps", result: null };
  const { endedAtMs, answered } = attempts.at(-1) ?? first;
  return { ...common, startedAtMs, endedAtMs, effect: "none", result: answered };
}

/** A reveal that is refused because the PIN is blocked uses nothing up. */
function isAcknowledged({ asked, answered }: Attempt): boolean {
  if (answered.says === "blocked") return asked.to === "verify";
  return answered.says !== "replayed" && answered.says !== "refused" && answered.says !== "unknown";
}
