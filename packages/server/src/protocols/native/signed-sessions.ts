import { hash } from "node:crypto";

// A session comes back moments after it was signed, often to the same process. Verifying it costs as much as any other step
// of a message, and says no more than that the text is, to the last character of its signature, one that was signed here.

/** SHA-256 of the sessions that this process signed last, oldest first. */
const signed = new Set<string>();
/** A megabyte. Sessions beyond these are verified. */
const maxSigned = 10_000;

export function rememberSignedSession(session: string): void {
  const [oldest] = signed;
  if (oldest !== undefined && signed.size >= maxSigned) signed.delete(oldest);
  signed.add(digestOf(session));
}

/** False: another server may have signed it, or this one long ago. */
export function wasSignedHere(session: string): boolean {
  return signed.has(digestOf(session));
}

function digestOf(session: string): string {
  return hash("sha256", session, "base64");
}
