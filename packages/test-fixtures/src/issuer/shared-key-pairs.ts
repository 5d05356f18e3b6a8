import { randomUUID } from "node:crypto";
import { closeSync, existsSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { IssuerOptions } from "@linchpin/testing";

export type KeyPairSource = NonNullable<IssuerOptions["keyPairs"]>;
type KeyPair = Awaited<ReturnType<KeyPairSource>>;

/** `scripts/test.ts` makes a folder for the key pairs that all issuers of a run share, and says here where. */
export const sharedKeyPairsVariable = "LINCHPIN_TEST_KEY_PAIRS";

/** The key pairs that this process made or read, by kind and place. */
const known = new Map<string, Promise<KeyPair>>();

/**
 * Key pairs for one issuer with a new store. They differ from one another, and are those of all other issuers of the test
 * run, as making them takes most of a start. Where a file is run by itself, they are those of its process.
 */
export function sharedKeyPairs(): KeyPairSource {
  const taken = { rsa: 0, "rsa-4096": 0, ec: 0 };
  return async (kind, generate) => {
    const place = `${kind}-${taken[kind]++}`;
    const shared = known.get(place) ?? readOrMake(place, generate);
    known.set(place, shared);
    const { secret, publicKeySpki } = await shared;
    // The vault wipes what it is given.
    return { secret: Uint8Array.from(secret), publicKeySpki };
  };
}

async function readOrMake(place: string, generate: () => Promise<KeyPair>): Promise<KeyPair> {
  const folder = process.env[sharedKeyPairsVariable];
  if (folder === undefined) return generate();
  const path = join(folder, `${place}.json`);
  if (!claim(path)) await untilThere(path);
  return read(path) ?? publish(path, await generate());
}

/** The processes of a run start at once, and would all make the same ones first: whoever claims one makes it. */
function claim(path: string): boolean {
  try {
    closeSync(openSync(`${path}.claimed`, "wx"));
    return true;
  } catch {
    return false;
  }
}

/** After a minute, the process that claimed it is taken for dead. */
async function untilThere(path: string): Promise<void> {
  for (let tries = 0; tries < 1200 && !existsSync(path); tries++) await sleep(50);
}

function read(path: string): KeyPair | null {
  try {
    const { secret, publicKeySpki } = JSON.parse(readFileSync(path, "utf8"));
    return { secret: Buffer.from(secret, "base64"), publicKeySpki: Buffer.from(publicKeySpki, "base64") };
  } catch {
    return null;
  }
}

/** Of two processes that made it nevertheless, the first to finish wins. */
function publish(path: string, made: KeyPair): KeyPair {
  const draft = `${path}.${randomUUID()}`;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  writeFileSync(draft, JSON.stringify({ secret: base64(made.secret), publicKeySpki: base64(made.publicKeySpki) }), {
    mode: 0o600,
  });
  try {
    linkSync(draft, path);
    return made;
  } catch {
    return read(path) ?? made;
  } finally {
    rmSync(draft);
  }
}
