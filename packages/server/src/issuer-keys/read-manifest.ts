import { LinchpinError } from "@linchpin/core";
import type { KeyManifest } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** By store, which is one for all of a process: the last manifest that was read. */
const remembered = new WeakMap<Context["store"], { manifest: KeyManifest | null }>();

/**
 * The last manifest, of which the store said which one it is. With all protocols it has 10 KB, and stays the same for
 * hours, so each process reads it once. Where another one was published meanwhile, that one.
 * @throws LinchpinError `unavailable`: none is published yet
 */
export async function readLastManifest(
  { store }: Pick<Context, "store">,
  last: Pick<KeyManifest, "seq" | "issuedAt"> | null,
): Promise<KeyManifest> {
  if (last === null) throw unavailable();
  // A reset of the sandbox has another object put there: what was read before it is not remembered after it.
  const known = remembered.get(store) ?? { manifest: null };
  remembered.set(store, known);
  if (known.manifest !== null && isSame(known.manifest, last)) return known.manifest;
  const manifest = await store.findLastKeyManifest();
  if (manifest === null) throw unavailable();
  // Whoever read at the same time has the same object.
  if (known.manifest === null || !isSame(known.manifest, manifest)) known.manifest = manifest;
  return known.manifest;
}

function isSame(one: Pick<KeyManifest, "seq" | "issuedAt">, other: Pick<KeyManifest, "seq" | "issuedAt">): boolean {
  return one.seq === other.seq && one.issuedAt.getTime() === other.issuedAt.getTime();
}

function unavailable(): LinchpinError {
  return new LinchpinError("unavailable", { reason: "no list of keys is published yet" });
}

/** Where the manifests were replaced: the next use reads the last one again. */
export function forgetManifest({ store }: Pick<Context, "store">): void {
  remembered.delete(store);
}
