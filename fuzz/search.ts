import { Coverage } from "./coverage.ts";
import { drawFrom, mutate } from "./mutate.ts";
import { allowedBlocks, judge, type Target } from "./target.ts";

/** How many inputs run between two looks at the coverage, which cost a millisecond each. */
const batchSize = 32;

/** An input that broke what must hold. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly input: Uint8Array;

  constructor(input: Uint8Array, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.input = input;
  }
}

export interface Found {
  readonly runs: number;
  /** Inputs that ran what no input before them ran. */
  readonly inputs: readonly Uint8Array[];
}

/**
 * Searches for inputs that reach new code, from those that did, until `endAt`; `note` receives each input before it runs.
 * @throws Fault
 */
export async function search(
  target: Target,
  { corpus, seed, endAt, note }: { corpus: readonly Uint8Array[]; seed: number; endAt: number; note: Note },
): Promise<Found> {
  const coverage = new Coverage();
  const pool: Uint8Array[] = [];
  const words = target.words.map((word) => new TextEncoder().encode(word));
  const draw = drawFrom(seed);
  for (const input of [...target.seeds, ...corpus]) await addIfNew(input);
  const known = pool.length;
  let runs = known;
  while (Date.now() < endAt) {
    const batch = Array.from({ length: batchSize }, () => {
      // Half of the time one of the newest: what opens one door stands before the next.
      const choice = draw() % 2 ? draw() % pool.length : pool.length - 1 - (draw() % Math.min(8, pool.length));
      return mutate(pool[choice] as Uint8Array, { draw, others: pool, words });
    });
    runs += batch.length;
    if (await reachNew(batch, false)) for (const input of batch) await addIfNew(input);
  }
  return { runs, inputs: pool.slice(known) };

  async function addIfNew(input: Uint8Array): Promise<void> {
    if (await reachNew([input], true)) pool.push(input);
  }

  async function reachNew(inputs: readonly Uint8Array[], remember: boolean): Promise<boolean> {
    let allowed = 0;
    for (const input of inputs) {
      note(input);
      allowed += allowedBlocks(input);
      await judge(target, input).catch((cause: unknown) => {
        throw new Fault(input, cause);
      });
    }
    const { blocks, isNew } = coverage.look({ remember });
    if (blocks > allowed) throw new Fault(longestOf(inputs), new Error("more work than is linear in what was sent"));
    return isNew;
  }
}

type Note = (input: Uint8Array) => void;

function longestOf(inputs: readonly Uint8Array[]): Uint8Array {
  return inputs.reduce((longest, input) => (input.length > longest.length ? input : longest));
}
