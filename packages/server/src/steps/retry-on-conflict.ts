import { LinchpinError } from "@linchpin/core";

/** One of several concurrent changes is committed in each round. */
const maxRounds = 32;

/**
 * Optimistic concurrency: `commit` writes on the basis of what was read. Where a concurrent change was committed first,
 * it returns `conflict`; then the record is read again and committed on that basis.
 * @throws LinchpinError `unavailable`: every attempt conflicted; what `commit` and `readAgain` throw
 */
export async function retryOnConflict<Read, Outcome>(
  first: Read,
  commit: (read: Read) => Promise<Outcome | "conflict">,
  readAgain: (read: Read) => Promise<Read>,
): Promise<Exclude<Outcome, "conflict">> {
  let read = first;
  for (let round = 0; round < maxRounds; round++) {
    const outcome = await commit(read);
    if (outcome !== "conflict") return outcome as Exclude<Outcome, "conflict">;
    read = await readAgain(read);
  }
  throw new LinchpinError("unavailable", { reason: "the record kept changing" });
}
