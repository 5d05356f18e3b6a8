import { type Finding, type HeldCard, tryLimit } from "./history.ts";
import type { Operation } from "./operations.ts";

/**
 * Looks for one order of a card's operations in which each comes between its start and its end, every answer is the
 * one that a single card would have given, and the card ends as it is held: linearizability, by the search of
 * Wing and Gong with Lowe's memory of where it has been (J. M. Wing, C. Gong 1993; G. Lowe 2017).
 */
export function explainByAnOrder(card: string, operations: readonly Operation[], held: HeldCard): Finding[] {
  const effective = operations.filter(({ effect, result }) => effect !== "none" || result?.says === "blocked");
  const withEnd = search(effective, (state) => isHeld(state, held), held.version);
  if (withEnd.isFound) return [];
  if (!withEnd.isComplete) return [{ what: "undecided", subject: card, detail: "too many orders to look at" }];
  const detail = `no order explains ${withEnd.stuckAt}`;
  if (search(effective, () => true, held.version).isFound)
    return [{ what: "lost", subject: card, detail: `every answer has an order, but none ends at what is held` }];
  return [{ what: "false answer", subject: card, detail }];
}

interface CardState {
  readonly digits: string | null;
  readonly version: number;
  readonly failedTries: number;
  readonly isBlocked: boolean;
}

const maxSteps = 2_000_000;

function search(operations: readonly Operation[], isEnd: (state: CardState) => boolean, maxVersion: number) {
  const placed = new Array<boolean>(operations.length).fill(false);
  const seen = new Set<string>();
  let steps = 0;
  let furthest = -1;
  let stuckAt = "how the card ends";

  // What may come next: what started before everything else that surely took effect had ended.
  const candidates = (from: number): number[] => {
    const found: number[] = [];
    let before = Number.POSITIVE_INFINITY;
    for (let index = from; index < operations.length; index++) {
      const operation = operations[index];
      if (operation === undefined || placed[index]) continue;
      if (operation.startedAtMs > before) break;
      found.push(index);
      if (operation.effect !== "perhaps") before = Math.min(before, operation.endedAtMs);
    }
    return found;
  };

  const visit = (from: number, state: CardState): boolean => {
    if (++steps > maxSteps) return false;
    let first = from;
    while (placed[first]) first++;
    const key = `${first} ${keyOf(placed, first)} ${state.digits} ${state.version} ${state.failedTries} ${state.isBlocked}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const next = candidates(first);
    const sure = next.filter((index) => operations[index]?.effect !== "perhaps");
    if (sure.length === 0 && isEnd(state)) return true;
    for (const index of next) {
      const operation = operations[index];
      const after = operation && step(state, operation);
      if (!after || after.version > maxVersion) continue;
      placed[index] = true;
      if (visit(first, after)) return true;
      placed[index] = false;
    }
    const [stuck] = sure;
    if (stuck !== undefined && stuck > furthest) {
      furthest = stuck;
      const { message, asked, result } = operations[stuck] ?? {};
      stuckAt = `${message} (${asked?.to}: ${result?.says ?? "answer lost"})`;
    }
    return false;
  };

  const isFound = visit(0, { digits: null, version: 0, failedTries: 0, isBlocked: false });
  return { isFound, isComplete: steps <= maxSteps, stuckAt };
}

/** What was placed beyond the first that was not. */
function keyOf(placed: readonly boolean[], first: number): string {
  return placed.flatMap((isPlaced, index) => (isPlaced && index > first ? [index] : [])).join(",");
}

/** The card after an operation; null where the answer is not the one that this card would give. */
function step(state: CardState, { asked, result }: Operation): CardState | null {
  const { digits, version, failedTries, isBlocked } = state;
  if (asked.to === "change") return { digits: asked.digits, version: version + 1, failedTries: 0, isBlocked: false };
  if (asked.to === "transfer") return null;
  if (asked.to === "reveal") {
    if (result === null) return state;
    if (result.says === "revealed") return !isBlocked && result.digits === digits ? state : null;
    return isBlocked ? state : null;
  }
  const fits = (says: string) => result === null || result.says === says;
  if (isBlocked) return fits("blocked") ? state : null;
  if (asked.digits === digits) return fits("match") ? { ...state, failedTries: 0 } : null;
  return fits("mismatch") ? { ...state, failedTries: failedTries + 1, isBlocked: failedTries + 1 >= tryLimit } : null;
}

function isHeld(state: CardState, { digits, version, failedTries, isBlocked }: HeldCard): boolean {
  return (
    state.digits === digits &&
    state.version === version &&
    state.failedTries === failedTries &&
    state.isBlocked === isBlocked
  );
}
