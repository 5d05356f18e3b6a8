import { hash } from "node:crypto";

// A session comes back moments after it was signed, often to the same process. Verifying it costs as much as any other step
// of a message, and says no more than that the text is, to the last character of its signature, one that was signed here.

/** SHA-256 of the sessions that this process signed last. */
let newer = new Set<string>();
/** Of those before: a set from which the oldest are deleted one by one becomes slow to read. */
let older = new Set<string>();
/** Of each set, which takes half a megabyte. Sessions before these are verified. */
const maxSigned = 5_000;

export function rememberSignedSession(session: string): void {
  if (newer.size >= maxSigned) [newer, older] = [new Set(), newer];
  newer.add(digestOf(session));
}

/** False: another server may have signed it, or this one long ago. */
export function wasSignedHere(session: string): boolean {
  const digest = digestOf(session);
  return newer.has(digest) || older.has(digest);
}

function digestOf(session: string): string {
  return hash("sha256", session, "base64");
}
