import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Needle } from "./secret-forms.ts";

/** A needle, and where in it the four bytes stand that it is known by. */
interface Known {
  readonly needle: Needle;
  readonly from: number;
}

/** Finds any of many needles in one pass: memory is large. */
export class Search {
  readonly #known = new Map<number, Known[]>();
  readonly #isKnown = new Uint8Array(0x10000);
  /** How much of one piece the next must begin with. */
  readonly overlapBytes: number;

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const from = unlikelyPart(needle.bytes);
      const hash = hashOf(Buffer.from(needle.bytes).readInt32LE(from));
      this.#isKnown[hash] = 1;
      this.#known.set(hash, [...(this.#known.get(hash) ?? []), { needle, from }]);
    }
    this.overlapBytes = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1;
  }

  #search(bytes: Uint8Array, found: (needle: Needle) => void): void {
    const isKnown = this.#isKnown;
    let word = 0;
    for (let index = 0; index < bytes.length; index++) {
      word = (word >>> 8) | ((bytes[index] as number) << 24);
      const hash = hashOf(word);
      if (isKnown[hash] === 1) this.#compare(bytes, index - 3, hash, found);
    }
  }

  #compare(bytes: Uint8Array, at: number, hash: number, found: (needle: Needle) => void): void {
    for (const { needle, from } of this.#known.get(hash) ?? [])
      if (needle.bytes.every((byte, index) => bytes[at - from + index] === byte)) found(needle);
  }

  /** What is in it, as `secret (form)`, each once. */
  inBytes(bytes: Uint8Array): string[] {
    const names = new Set<string>();
    this.#search(bytes, ({ secret, form }) => names.add(`${secret} (${form})`));
    return [...names];
  }

  inText(text: string): string[] {
    return this.inBytes(Buffer.from(text));
  }

  /** In what files hold, and in their names. */
  inFolder(folder: string): string[] {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    return files.flatMap((file) => {
      const path = join(file.parentPath, file.name);
      const found = [...this.inText(path), ...(file.isFile() ? this.inBytes(readFileSync(path)) : [])];
      return found.map((name) => `${name} in ${path}`);
    });
  }
}

/** Zeros are everywhere. */
function unlikelyPart(bytes: Uint8Array): number {
  const variety = (from: number) => new Set(bytes.subarray(from, from + 4)).size;
  const froms = Array.from({ length: bytes.length - 3 }, (_, from) => from);
  return froms.reduce((best, from) => (variety(from) > variety(best) ? from : best), 0);
}

function hashOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 16;
}
