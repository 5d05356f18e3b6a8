import { randomFillSync } from "node:crypto";
import { copySecret, secretBytes } from "../bytes.ts";

const drawnAheadBytes = 4096;
/** What is larger is drawn by itself. */
const longestAheadBytes = 256;

const ahead = secretBytes(drawnAheadBytes);
let used = drawnAheadBytes;

/**
 * Random bytes, which the platform gives at the same price by the dozen as by the thousand: they are drawn ahead. What was
 * handed out stays nowhere else.
 */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > longestAheadBytes) return randomFillSync(secretBytes(length));
  if (used + length > drawnAheadBytes) {
    randomFillSync(ahead);
    used = 0;
  }
  const drawn = ahead.subarray(used, used + length);
  used += length;
  const bytes = copySecret(drawn);
  drawn.fill(0);
  return bytes;
}
