import { readFile } from "node:fs/promises";
import { jwkThumbprint, type P256Jwk } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { writeState } from "./device-state.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

// The highest number of a list of the issuer's keys that was seen, so that an older list is refused. It is kept beside the
// file of the pins, and counts as long as one of the roots that were pinned then is pinned now.

interface SeenList {
  readonly issuer: string;
  /** Thumbprints of the pinned roots. */
  readonly roots: readonly string[];
  readonly seq: number;
}

/** Pins, and where the number is kept; null: nowhere. */
export interface SeenPins {
  readonly issuer: string;
  readonly roots: readonly P256Jwk[];
  readonly seenFile: string | null;
}

/** The lowest number that is still accepted. @throws Failure when the file is none of ours */
export async function lowestSeqFor({ issuer, roots, seenFile }: SeenPins): Promise<number> {
  if (seenFile === null) return 0;
  const seen = await readSeenList(seenFile);
  const pinned = await thumbprintsOf(roots);
  const isOfPins = seen?.issuer === issuer && seen.roots.some((root) => pinned.includes(root));
  return isOfPins ? seen.seq : 0;
}

/** Keeps the number of an accepted list, unless another command kept a later one meanwhile. @throws Failure when the file cannot be written */
export async function keepSeq(pins: SeenPins, seq: number): Promise<void> {
  const { issuer, roots, seenFile } = pins;
  if (seenFile === null || seq <= (await lowestSeqFor(pins))) return;
  await writeState(seenFile, { issuer, roots: await thumbprintsOf(roots), seq } satisfies SeenList).catch(() => {
    throw new Failure(
      exitCodes.usage,
      `${seenFile} can not be written: which list of keys was seen is kept beside the file of --roots`,
    );
  });
}

async function readSeenList(file: string): Promise<SeenList | null> {
  try {
    const { issuer, roots, seq } = JSON.parse(await readFile(file, "utf8")) as Partial<SeenList>;
    if (typeof issuer === "string" && Array.isArray(roots) && Number.isSafeInteger(seq))
      return { issuer, roots, seq: Number(seq) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new Failure(exitCodes.usage, `${file} does not say which list of keys was seen: remove it`);
}

const thumbprintsOf = (roots: readonly P256Jwk[]): Promise<string[]> =>
  Promise.all(roots.map((root) => jwkThumbprint(webCryptoPrimitives, root)));
