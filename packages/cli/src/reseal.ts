import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import type { HttpCaller } from "./http-caller.ts";
import type { Invocation } from "./invocation.ts";
import type { ListedKey, ProtectingKey } from "./listed-key.ts";
import { showProgress } from "./terminal/progress-bar.ts";

/** Batches that do nothing, one after the other, until what is left counts as not to be opened. */
const maxIdleBatches = 20;

/**
 * Has the issuer seal by the current key what earlier keys of the purpose sealed, to the end. Nothing is remembered
 * here: after an interruption it goes on where it was.
 * @throws Failure when something does not open
 */
export async function resealAll(
  issuer: HttpCaller,
  purpose: string,
  { stderr }: Pick<Invocation, "stderr">,
): Promise<{ resealed: number }> {
  const bar = showProgress("sealed anew", stderr);
  try {
    const of = await countWaiting(issuer, purpose);
    let resealed = 0;
    for (let idle = 0; idle < maxIdleBatches; ) {
      bar.show({ read: Math.min(resealed, of), of });
      const batch = await issuer.ask<Batch>("POST", `/keys/${encodeURIComponent(purpose)}/reseal`);
      if (batch.found === 0) return { resealed };
      resealed += batch.resealed;
      idle = batch.resealed === 0 ? idle + 1 : 0;
    }
  } finally {
    bar.end();
  }
  throw new Failure(exitCodes.refused, "some of what is sealed does not open: the issuer's log names it");
}

interface Batch {
  readonly found: number;
  readonly resealed: number;
}

async function countWaiting(issuer: HttpCaller, purpose: string): Promise<number> {
  const keys = (await issuer.ask<ListedKey[]>("GET", "/keys")).filter((key) => key.purpose === purpose);
  const former = keys.filter(({ state }) => state === "accepted" || state === "retired");
  const counts = await Promise.all(
    former.map(async ({ id }) => Object.values((await issuer.ask<ProtectingKey>("GET", `/keys/${id}`)).protects)),
  );
  return counts.flat().reduce((sum, count) => sum + count, 0);
}
