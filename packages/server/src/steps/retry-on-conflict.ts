import { LinchpinError } from "@linchpin/core";

/** Of changes that come at once, one is done in each round. */
const maxRounds = 32;

/**
 * Settles what is decided by `first`; where another was quicker, reads again and decides by that.
 * @throws LinchpinError `unavailable`: others were quicker every time; what `settle` and `readAgain` throw
 */
export async function retryOnConflict<Read, Outcome>(
  first: Read,
  settle: (read: Read) => Promise<Outcome | "conflict">,
  readAgain: (read: Read) => Promise<Read>,
): Promise<Exclude<Outcome, "conflict">> {
  let read = first;
  for (let round = 0; round < maxRounds; round++) {
    const outcome = await settle(read);
    if (outcome !== "conflict") return outcome as Exclude<Outcome, "conflict">;
    read = await readAgain(read);
  }
  throw new LinchpinError("unavailable", { reason: "what was to be settled kept changing" });
}
