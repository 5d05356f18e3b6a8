import { secretBytes } from "./bytes.ts";
import type { Primitives } from "./primitives.ts";

type RandomSource = Pick<Primitives, "randomBytes">;

/**
 * A number from 0 to `limit - 1`, each as likely; `limit` is at most 256. A byte of the incomplete last run of `limit` is
 * drawn again, as it would make small numbers more likely.
 */
export function randomBelow({ randomBytes }: RandomSource, limit: number): number {
  for (;;) {
    const bytes = randomBytes(1);
    const byte = bytes[0] as number;
    bytes.fill(0);
    if (byte < 256 - (256 % limit)) return byte % limit;
  }
}

/** So many characters of an ASCII alphabet, each as likely. The caller wipes them where they are secret. */
export function randomCharacters(random: RandomSource, alphabet: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const characters = secretBytes(count);
  for (let index = 0; index < count; index++)
    characters[index] = alphabet[randomBelow(random, alphabet.length)] as number;
  return characters;
}
