/** Without an end, what never comes would keep the process of its test from ending. Drills wait the longest. */
const longestWaitMs = 120_000;

/** Looks every few milliseconds whether it holds. @throws where it does not within two minutes */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + longestWaitMs;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error(`after ${longestWaitMs / 1000} s this does not hold: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
