import { readFile, stat } from "node:fs/promises";
import type { P256Jwk, RsaPublicKey } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptManifest,
  checkListedRsaKey,
  type KeyClaim,
  type RootPins,
} from "@linchpin/protocols/issuer-keys/device";
import { manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import { Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { HttpCaller } from "./http-caller.ts";
import type { SandboxDescription } from "./sandbox.ts";
import { keepSeq, lowestSeqFor, type SeenPins } from "./seen-list.ts";

export type { RootPins };

/** The pins of a file, and where beside it the highest number of a list of keys is kept. */
export type RootPinsFile = RootPins & SeenPins;

export interface RootsOptions {
  readonly roots?: string;
}

export const rootsOption = () =>
  new Option("--roots <file>", "the issuer's roots, pinned: only keys that they vouch for are used").env(
    "LINCHPIN_ROOTS",
  );

/** What a command's help says of `--roots`. */
export const rootsHelp = `
Without --roots the issuer's key is unauthenticated: whoever relays it can put a key of their own in its place. The
operator prints the file with \`linchpin root show --pins\`; take it from them, never from the partner. The
highest number of a list of keys is kept beside it, in <file>.seen: an older list is refused.`;

/**
 * The pins of `--roots`, `{"issuer":"https://…","roots":[JWK,…]}`; null without the option.
 * @throws Failure when the file is not there, or holds no pins
 */
export async function readRootPins({ roots: file }: RootsOptions): Promise<RootPinsFile | null> {
  if (file === undefined) return null;
  const text = await readFile(file, "utf8").catch(() => {
    throw new Failure(exitCodes.usage, `${file} can not be read: it must be the file of --roots`);
  });
  const pins = parsePins(text);
  if (pins === null)
    throw new Failure(
      exitCodes.usage,
      `${file} holds no roots: the operator prints such a file with \`linchpin root show --pins\``,
    );
  // Nothing can be kept beside a pipe, as in `--roots <(linchpin root show --pins)`.
  return { ...pins, seenFile: (await stat(file)).isFile() ? `${file}.seen` : null };
}

function parsePins(text: string): RootPins | null {
  try {
    const { issuer, roots } = JSON.parse(text) as { issuer: unknown; roots: unknown };
    const isWhole = typeof issuer === "string" && Array.isArray(roots) && roots.length > 0 && roots.every(isP256Jwk);
    return isWhole ? { issuer, roots } : null;
  } catch {
    return null;
  }
}

function isP256Jwk(jwk: Partial<P256Jwk> | null): jwk is P256Jwk {
  return jwk?.kty === "EC" && jwk.crv === "P-256" && typeof jwk.x === "string" && typeof jwk.y === "string";
}

/** A sandbox tells its roots to everyone: for trying, as whoever stands before it can tell others. */
export function pinsOfSandbox({ native: { issuerKeysUrl, roots } }: SandboxDescription): RootPinsFile {
  return { issuer: new URL(issuerKeysUrl).origin, roots, seenFile: null };
}

/** The list of the issuer's keys, as whoever relays hands it on. */
export function fetchManifest({ baseUrl }: HttpCaller): Promise<unknown> {
  return new HttpCaller(new URL(baseUrl).origin).ask("GET", manifestPath);
}

/**
 * Refuses a key of the issuer's that the pinned roots do not vouch for. Without pins it is used as it came.
 * @throws LinchpinError `manifest_refused`, `manifest_expired`, `issuer_key_unvouched`, `public_key_unusable`
 */
export async function checkIssuerKey(
  pins: RootPinsFile | null,
  partner: HttpCaller,
  claim: KeyClaim & { key: RsaPublicKey },
): Promise<void> {
  if (pins === null) return;
  const lowestSeq = await lowestSeqFor(pins);
  const manifest = await acceptManifest(webCryptoPrimitives, await fetchManifest(partner), { ...pins, lowestSeq });
  await keepSeq(pins, manifest.seq);
  await checkListedRsaKey(webCryptoPrimitives, manifest, claim, Math.floor(Date.now() / 1000));
}
