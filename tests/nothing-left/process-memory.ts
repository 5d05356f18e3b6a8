import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { Search } from "./search.ts";

interface Region {
  readonly from: number;
  readonly to: number;
}

const pieceBytes = 64 * 1024;
const zeros = Buffer.alloc(pieceBytes);

/**
 * What is in the memory of a process, in any page that it can read: more than a core dump has. Linux; the process must
 * be the reader's child, or the reader root (ptrace(2)).
 */
export function searchMemory(pid: number, search: Search): string[] {
  const found = new Set<string>();
  for (const piece of memoryOf(pid, search.overlapBytes)) for (const name of search.inBytes(piece)) found.add(name);
  return [...found];
}

/** A piece is valid until the next. */
function* memoryOf(pid: number, overlapBytes: number): Generator<Uint8Array> {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const buffer = Buffer.alloc(pieceBytes);
  try {
    for (const region of regionsOf(pid))
      for (let at = region.from; at < region.to; ) {
        const length = read(memory, buffer.subarray(0, Math.min(pieceBytes, region.to - at)), at);
        if (length === 0) break;
        // Most pages were never written to.
        const piece = buffer.subarray(0, length);
        if (!piece.equals(zeros.subarray(0, length))) yield piece;
        at += at + length === region.to ? length : length - overlapBytes;
      }
  } finally {
    closeSync(memory);
  }
}

/** But for code and other files that nobody can write to. */
function regionsOf(pid: number): Region[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const [, from = "", to = "", mode = "", name = ""] = /^(\w+)-(\w+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
    const isOfFile = name.startsWith("/") && !mode.includes("w");
    if (!mode.startsWith("r") || isOfFile || /^\[v/.test(name)) return [];
    return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }];
  });
}

/** Pages may have gone since they were listed. */
function read(memory: number, buffer: Buffer, at: number): number {
  try {
    return readSync(memory, buffer, 0, buffer.length, at);
  } catch {
    return 0;
  }
}
