import type { P256Jwk, Primitives, RsaPublicKey } from "@linchpin/core";
import { rsaJwk, sha256, verifyEcdsa } from "@linchpin/core/webcrypto";
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

type RootPrimitives = ManifestPrimitives & Pick<Primitives, "rsaJwk">;

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
  primitives?: RootPrimitives;
  clock?: () => Date;
}): PinnedRoots {
  // None yet: it has expired, so that the first claim fetches one.
  let accepted: Pick<Manifest, "seq" | "iat" | "exp" | "keys"> = { seq: 0, iat: 0, exp: 0, keys: [] };
  const fetchManifest = async (way: Way): Promise<void> => {
    const lowestSeq = Math.max(accepted.seq, (await seqStore?.load()) ?? 0);
    const compact = await ask(way, { method: "GET", path: manifestPath }, noRefusals);
    const manifest = await acceptManifest(primitives, compact, { issuer, roots, lowestSeq });
    // A later one may have been accepted meanwhile.
    if (manifest.seq >= accepted.seq) accepted = manifest;
    if (accepted.seq > lowestSeq) await seqStore?.save(accepted.seq);
  };
  const check = (claim: KeyClaim & { key: RsaPublicKey }) =>
    checkListedRsaKey(primitives, accepted, claim, clock().getTime() / 1000);
  return {
    async vouchFor(way, claim) {
      try {
        await check(claim);
      } catch {
        // The key may be newer than the manifest, or the manifest too old.
        await fetchManifest(way);
        await check(claim);
      }
    },
  };
}

const webCrypto: RootPrimitives = { sha256, verifyEcdsa, rsaJwk };
const noRefusals = { wordIn: () => undefined, codes: {} };
