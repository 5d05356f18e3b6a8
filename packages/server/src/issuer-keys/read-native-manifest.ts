import { isNamedByThumbprint, rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import type { KeyManifest } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { readLastManifest } from "./read-manifest.ts";
import { contentOf, rootThumbprint, signByRoot } from "./signed-manifest.ts";

type ManifestContext = Pick<Context, "store" | "keyring" | "primitives">;

/** By the whole manifest, of which each process keeps the last. */
const signed = new WeakMap<KeyManifest, Promise<string>>();

/**
 * The last manifest with the roots and the native keys alone, which are all that a session's device looks for: a sixth of
 * the whole one, where all protocols are on. It has the same number and times, so that either serves as the other does, and each process signs it
 * once. The whole one stands in for it where its root is not the current one any more, or does not sign.
 * @throws LinchpinError `unavailable`: no manifest is published yet
 */
export async function readNativeManifest(
  context: ManifestContext,
  last: Parameters<typeof readLastManifest>[1],
): Promise<Pick<KeyManifest, "seq" | "jws">> {
  const whole = await readLastManifest(context, last);
  const jws = signed.get(whole) ?? signNativeKeys(context, whole).catch(() => whole.jws);
  signed.set(whole, jws);
  return { seq: whole.seq, jws: await jws };
}

async function signNativeKeys(context: ManifestContext, whole: KeyManifest): Promise<string> {
  const { rootKid, manifest } = contentOf(whole);
  const root = await context.keyring.current(rootPurpose);
  if (rootKid !== (await rootThumbprint(context, root))) return whole.jws;
  const keys = manifest.keys.filter(({ purpose }) => isNamedByThumbprint(purpose));
  return signByRoot(context, { ...manifest, keys }, root);
}
