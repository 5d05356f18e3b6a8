import { hash } from "node:crypto";
import type { Context } from "../../context/index.ts";

// A session comes back moments after it was signed, often to the same process. Verifying it costs as much as any other step
// of a message, and says no more than that the text is, to the last character of its signature, one that was signed here.

/** The sessions that an issuer signed last in this process, by their SHA-256. */
interface SignedSessions {
  newer: Set<string>;
  /** Those before: a set from which the oldest are deleted one by one becomes slow to read. */
  older: Set<string>;
}

/** By keyring: a process may be several issuers, and none takes a session that another's key signed. */
const signed = new WeakMap<Context["keyring"], SignedSessions>();

/** Of each set, which takes half a megabyte. Sessions before these are verified. */
const maxSigned = 5_000;

export function rememberSignedSession({ keyring }: Pick<Context, "keyring">, session: string): void {
  const own = signed.get(keyring) ?? { newer: new Set(), older: new Set() };
  signed.set(keyring, own);
  if (own.newer.size >= maxSigned) [own.newer, own.older] = [new Set(), own.newer];
  own.newer.add(digestOf(session));
}

/** False: another server may have signed it, or this one long ago. */
export function wasSignedHere({ keyring }: Pick<Context, "keyring">, session: string): boolean {
  const own = signed.get(keyring);
  if (own === undefined) return false;
  const digest = digestOf(session);
  return own.newer.has(digest) || own.older.has(digest);
}

function digestOf(session: string): string {
  return hash("sha256", session, "base64");
}
