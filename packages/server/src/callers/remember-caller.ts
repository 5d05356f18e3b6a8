import type { Context } from "../context/index.ts";

/** How long a credential or token that was revoked through another server may still be taken here; as long as keys are remembered. */
const rememberedMs = 1000;
const maxRemembered = 10_000;

/** By store, which is one for all of a process. */
const remembered = new WeakMap<Context["store"], Map<string, { readonly found: unknown; readonly until: number }>>();

/** The caller that `find` returned for this name within the last second. An unknown caller is looked up each time. */
export async function rememberCaller<Found>(
  { store }: Context,
  name: string,
  find: () => Promise<Found | null>,
): Promise<Found | null> {
  const known = remembered.get(store)?.get(name);
  if (known !== undefined && performance.now() < known.until) return known.found as Found;
  // A concurrent revocation replaces the map, so that a caller that was read before it is not remembered after it.
  const callers = callersOf(store);
  const until = performance.now() + rememberedMs;
  const found = await find();
  if (found !== null) callers.set(name, { found, until });
  return found;
}

/**
 * What was found under this name at any time since a revocation, while it is still in memory. It may have been revoked
 * meanwhile: good only for an answer that does nothing.
 */
export function recallCaller<Found>({ store }: Context, name: string): Found | null {
  return (remembered.get(store)?.get(name)?.found as Found | undefined) ?? null;
}

/** After a revocation. */
export function forgetCallers({ store }: Pick<Context, "store">): void {
  remembered.delete(store);
}

function callersOf(store: Context["store"]) {
  let callers = remembered.get(store);
  if (callers === undefined || callers.size >= maxRemembered) {
    callers = new Map();
    remembered.set(store, callers);
  }
  return callers;
}
