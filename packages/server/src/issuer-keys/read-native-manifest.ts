import { LinchpinError, parseJws, verifyJws } from "@linchpin/core";
import { isNamedByThumbprint, rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import { type Manifest, manifestMaxLength, manifestTyp } from "@linchpin/protocols/issuer-keys/wire";
import type { KeyManifest } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { minuteMs } from "../durations.ts";
import { pointOf } from "./public-half.ts";
import { readLastManifest } from "./read-manifest.ts";
import { rootThumbprint, signByRoot } from "./signed-manifest.ts";

type ManifestContext = Pick<Context, "store" | "keyring" | "primitives" | "log">;

/** By the whole manifest, of which a process keeps the last. Null: not signed yet. */
const signed = new WeakMap<KeyManifest, string | null>();

/**
 * The last manifest with the roots and the native keys alone, which are all that a session's device looks for: a sixth of
 * the whole one, where all protocols are on. Its number and times are the whole one's. Each process signs it once, and the
 * whole one stands in for it until then, as sessions do not wait for the root: its vault may be slow, or away.
 * @throws LinchpinError `unavailable`: no manifest is published yet
 */
export async function readNativeManifest(
  context: ManifestContext,
  last: Parameters<typeof readLastManifest>[1],
  retryAfterMs = minuteMs,
): Promise<Pick<KeyManifest, "seq" | "jws">> {
  const whole = await readLastManifest(context, last);
  const native = signed.get(whole);
  if (native === undefined) {
    signed.set(whole, null);
    signNativeKeys(context, whole).then(
      (jws) => signed.set(whole, jws),
      (error) => {
        context.log.warn({ err: error, seq: whole.seq }, "native keys not signed apart: sessions have the whole list");
        setTimeout(() => signed.delete(whole), retryAfterMs).unref();
      },
    );
  }
  return { seq: whole.seq, jws: native ?? whole.jws };
}

/**
 * The root signs nothing here that it has not signed before: who can write to the database would else have a list of
 * keys of their own signed.
 * @throws LinchpinError `signature_invalid`: the current root did not sign the whole one; `settings_invalid`: the root's
 *   record was altered; what the vault throws
 */
async function signNativeKeys(context: ManifestContext, { jws }: KeyManifest): Promise<string> {
  const root = await context.keyring.current(rootPurpose);
  const parsed = parseJws(jws, { typ: manifestTyp, maxLength: manifestMaxLength });
  if (parsed.kid !== (await rootThumbprint(context, root)))
    throw new LinchpinError("signature_invalid", { reason: "signed by another root than the current one" });
  const manifest = (await verifyJws(context.primitives, parsed, pointOf(root))) as unknown as Manifest;
  const keys = manifest.keys.filter(({ purpose }) => isNamedByThumbprint(purpose));
  return signByRoot(context, { ...manifest, keys }, root);
}
