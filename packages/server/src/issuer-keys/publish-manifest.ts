import { LinchpinError, rsaProfiles } from "@linchpin/core";
import { listKey, rootPurpose } from "@linchpin/protocols/issuer-keys/issuer";
import type { Manifest, ManifestKey } from "@linchpin/protocols/issuer-keys/wire";
import type { KeyManifest } from "@linchpin/store";
import { isSymmetric, type KeyAlgorithm, type ListedKey } from "@linchpin/vault";
import type { Context } from "../context/index.ts";
import { hourMs } from "../durations.ts";
import { spkiOf } from "./public-half.ts";
import { contentOf, rootThumbprint, signByRoot } from "./signed-manifest.ts";

const lifetimeMs = 24 * hourMs;
/** What is left of a manifest's life when it is renewed: a server may be down that long without a device noticing. */
const renewalMs = 12 * hourMs;

type ManifestContext = Pick<Context, "store" | "keyring" | "clock" | "primitives" | "publicUrl" | "log">;

/**
 * Signs and stores a new manifest where the last one no longer says which keys there are, is another origin's, was signed
 * by a former root or has lived half its life. Safe to run on several servers at once: each manifest follows the one
 * before, and lists the keys as they are after it was read.
 * @returns the last manifest; null while this server does not listen, and so has no origin, or there is no root yet
 * @throws LinchpinError `unavailable`: the vault of a listed key cannot be reached; `settings_invalid`: the record of a
 *   current key was altered, or its vault has no such key
 */
export async function publishManifest(context: ManifestContext): Promise<KeyManifest | null> {
  if (context.publicUrl() === "") return null;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const last = await context.store.findLastKeyManifest();
    const keys = await provenOf(context, keysToList(context, await context.keyring.list(0)));
    const root = keys.find(({ purpose, state }) => purpose === rootPurpose && state === "current");
    if (root === undefined) return null;
    if (last !== null && (await isUpToDate(context, last, { root, keys }))) return last;
    const next = await makeManifest(context, last, { root, keys });
    if ((await context.store.addKeyManifest(next, last?.seq ?? 0)) === "added") return next;
  }
  throw new LinchpinError("unavailable", { reason: "the keys kept changing while they were listed" });
}

interface RootAndKeys {
  /** The current one, which signs. */
  readonly root: ListedKey;
  readonly keys: readonly ListedKey[];
}

/** Each attempt that is lost was won by another server. */
const maxAttempts = 10;

/**
 * The keys that a manifest lists: of each purpose with public keys the pending one, the current one and the one before,
 * so that a device which fetched a key just before a rotation still finds it, and a list has a bounded length. Keys of
 * purposes that the keyring does not have, as of a protocol that is turned off, stay in the database and out of the list.
 */
function keysToList({ keyring }: Pick<Context, "keyring">, keys: readonly ListedKey[]): ListedKey[] {
  // By either: where one says so and the other does not, the record was altered, which its proof tells.
  const hasPublicHalf = ({ algorithm, publicKeySpki }: ListedKey) => publicKeySpki !== null || !isSymmetric(algorithm);
  const isPublic = keys.filter((key) => hasPublicHalf(key) && keyring.uses(key.purpose));
  return isPublic.filter((key) => {
    if (key.state === "pending" || key.state === "current") return true;
    const isLaterAccepted = ({ purpose, version, state }: ListedKey) =>
      purpose === key.purpose && version > key.version && state === "accepted";
    return key.state === "accepted" && !isPublic.some(isLaterAccepted);
  });
}

/**
 * The keys whose vaults show that they hold the private half: a record is a row of the database. One after the other, as a
 * token may be slow. A pending or an earlier key that is not shown is left out, so that a lost one keeps no other one from
 * being listed: nothing is sealed or signed by it.
 */
async function provenOf({ keyring, log }: ManifestContext, keys: readonly ListedKey[]): Promise<ListedKey[]> {
  const proven: ListedKey[] = [];
  for (const key of keys)
    try {
      await keyring.prove(key);
      proven.push(key);
    } catch (error) {
      const isLost = error instanceof LinchpinError && error.code === "settings_invalid";
      if (key.state === "current" || !isLost) throw error;
      log.error(
        { err: error, purpose: key.purpose, keyId: key.id },
        `the ${key.state} key is left out of the list of keys`,
      );
    }
  return proven;
}

async function makeManifest(
  context: ManifestContext,
  last: KeyManifest | null,
  { root, keys }: RootAndKeys,
): Promise<KeyManifest> {
  const issuedAt = context.clock();
  const iat = Math.floor(issuedAt.getTime() / 1000);
  // Not below the time: after a database was restored from a backup, the numbers that devices have seen are not known.
  const seq = Math.max((last?.seq ?? 0) + 1, iat);
  const iss = context.publicUrl();
  const exp = iat + lifetimeMs / 1000;
  const manifest: Manifest = { iss, sub: iss, iat, exp, seq, keys: await listKeys(context, keys, exp) };
  return { seq, jws: await signByRoot(context, manifest, root), issuedAt };
}

async function isUpToDate(context: ManifestContext, last: KeyManifest, { root, keys }: RootAndKeys): Promise<boolean> {
  const { rootKid, manifest } = contentOf(last);
  return (
    manifest.iss === context.publicUrl() &&
    rootKid === (await rootThumbprint(context, root)) &&
    1000 * manifest.exp - renewalMs > context.clock().getTime() &&
    JSON.stringify(manifest.keys) === JSON.stringify(await listKeys(context, keys, manifest.exp))
  );
}

function listKeys(
  { primitives }: ManifestContext,
  keys: readonly ListedKey[],
  manifestExp: number,
): Promise<ManifestKey[]> {
  return Promise.all(
    keys.map((key) => {
      const { id, purpose, algorithm, createdAt, currentFrom, acceptedUntil } = key;
      const terms = { spki: spkiOf(key), from: currentFrom ?? createdAt, until: acceptedUntil };
      return listKey(primitives, { id, purpose, ...joseOf(algorithm), ...terms }, manifestExp);
    }),
  );
}

/** JOSE's name of an algorithm, and what the key is used for. */
function joseOf(algorithm: KeyAlgorithm): { alg: string; use: "enc" | "sig" } {
  if (algorithm === "ES256") return { alg: algorithm, use: "sig" };
  if (algorithm === "HPKE-7") return { alg: algorithm, use: "enc" };
  if (algorithm in rsaProfiles) return { alg: rsaProfiles[algorithm as keyof typeof rsaProfiles].alg, use: "enc" };
  throw new LinchpinError("internal", { reason: `a key of ${algorithm} has no public half` });
}

/** The origin that a manifest was signed for. */
export function originOf(manifest: KeyManifest): string {
  return contentOf(manifest).manifest.iss;
}
