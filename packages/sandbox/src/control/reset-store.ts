import type { Context } from "@linchpin/server/issuer";
import { emptyStore } from "@linchpin/store/sandbox";
import type { ListedKey } from "@linchpin/vault";
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
  await emptyStore(context.store, { keepKeys: keys === null });
  forget();
  for (const key of keys ?? []) {
    const { audit } = seeding(context, { id: "keys" });
    if (key.state === "current") await context.store.addKey({ ...key, version: 1 }, audit);
  }
  forget();
  await seedSandbox(context);
}
