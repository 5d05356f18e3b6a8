import type { Context } from "@linchpin/server/issuer";
import { emptyStore } from "@linchpin/store/sandbox";
import type { KeyRecord, ListedKey } from "@linchpin/vault";
import { seeding, seedSandbox } from "../seed.ts";

/**
 * Puts the store back to what it held when the sandbox started on an empty one: the keys that were current, and the
 * seeds. Making new keys would take seconds.
 *
 * @param keys the key records at the start; null: the keys are in a token, where one that was destroyed does not come
 *   back, so that all stay as they are
 */
export async function resetStore(
  context: Context,
  keys: readonly ListedKey[] | null,
  forget: () => void,
): Promise<void> {
  await context.keyring.makeLateKeys();
  const kept = keys === null ? [] : [...keys, ...(await keysMadeSince(context, keys))];
  await emptyStore(context.store, { keepKeys: keys === null });
  forget();
  const add = (key: KeyRecord) => context.store.addKey(key, seeding(context, { id: "keys" }).audit);
  await Promise.all(firstVersionsOf(context, kept).map(add));
  forget();
  await seedSandbox(context);
}

/** The keys of purposes that had none at the start. */
async function keysMadeSince({ keyring }: Context, keys: readonly ListedKey[]): Promise<ListedKey[]> {
  const purposes = new Set(keys.map(({ purpose }) => purpose));
  return (await keyring.list(0)).filter(({ purpose }) => !purposes.has(purpose));
}

/** The current keys, and those that serve beside them, with the versions that they would have on an empty store. */
function firstVersionsOf({ keyring }: Context, keys: readonly ListedKey[]): KeyRecord[] {
  const kept = keys.flatMap((key) => {
    const parallel = keyring.parallelVersions(key.purpose);
    const servesBeside = key.state === "accepted" && key.acceptedUntil === null && parallel > 1;
    return key.state === "current" || servesBeside ? [{ ...key, version: 1 + ((key.version - 1) % parallel) }] : [];
  });
  return kept.toSorted((one, other) => one.version - other.version);
}
