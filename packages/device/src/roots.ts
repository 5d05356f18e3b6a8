import { LinchpinError, type P256Jwk, type RsaPublicKey } from "@linchpin/core";
import { sha256, verifyEcdsa } from "@linchpin/core/webcrypto";
import {
  acceptManifest,
  checkListedRsaKey,
  type KeyClaim,
  type ManifestPrimitives,
  type RootPins,
} from "@linchpin/protocols/issuer-keys/device";
import { type Manifest, manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import { ask, type PinnedRoots, type Way } from "./exchange.ts";

export type { P256Jwk, PinnedRoots };

/** Keeps the highest number of a manifest that was seen, so that an earlier one is refused after a restart too. */
export interface SeqStore {
  load(): Promise<number | undefined>;
  save(seq: number): Promise<void>;
}

/**
 * Pins the issuer's roots: every key that a relay hands on is then used only if a manifest that one of these roots signed
 * lists it. `issuer` and `roots` come with the app, or from the operator's own origin; never by the relay.
 *
 * Without `seqStore` the highest number that was seen is forgotten with this object. Without `primitives` the platform's
 * WebCrypto is used.
 */
export function pinRoots({
  issuer,
  roots,
  seqStore,
  primitives = webCrypto,
  clock = () => new Date(),
}: RootPins & {
  seqStore?: SeqStore;
  primitives?: ManifestPrimitives;
  clock?: () => Date;
}): PinnedRoots {
  let accepted: Manifest | undefined;
  const fetchManifest = async (way: Way): Promise<Manifest> => {
    const lowestSeq = Math.max(accepted?.seq ?? 0, (await seqStore?.load()) ?? 0);
    const compact = await ask(way, { method: "GET", path: manifestPath }, noRefusals);
    const manifest = await acceptManifest(primitives, compact, { issuer, roots, lowestSeq });
    // A later one may have been accepted meanwhile.
    if (!(accepted && accepted.seq > manifest.seq)) accepted = manifest;
    if (accepted.seq > lowestSeq) await seqStore?.save(accepted.seq);
    return accepted;
  };
  const check = (manifest: Manifest, claim: KeyClaim & { key: RsaPublicKey }) =>
    checkListedRsaKey(primitives, manifest, claim, Math.floor(clock().getTime() / 1000));
  return {
    async vouchFor(way, claim) {
      try {
        if (accepted !== undefined) return await check(accepted, claim);
      } catch (error) {
        // The key may be newer than the manifest, or the manifest too old.
        if (!(error instanceof LinchpinError) || error.code === "public_key_unusable") throw error;
      }
      await check(await fetchManifest(way), claim);
    },
  };
}

const webCrypto: ManifestPrimitives = { sha256, verifyEcdsa };
const noRefusals = { wordIn: () => undefined, codes: {} };
