import { readFile, statfs } from "node:fs/promises";
import { type Finding, good, warning } from "./finding.ts";

/** Examines the machine: its user, its clock, and on Linux swap and core dumps, which could leave a PIN on disk. */
export async function* examineMachine(
  clock: () => Date,
  read: (path: string) => Promise<string> = (path) => readFile(path, "utf8"),
): AsyncGenerator<Finding> {
  yield process.getuid?.() === 0
    ? warning("user", "this runs as root", "give the issuer a user of its own, who owns its secret files alone")
    : good("user", "is not root");
  const limits = await read("/proc/self/limits").catch(() => null);
  if (limits !== null) yield coreDumps(limits);
  const swaps = await read("/proc/swaps").catch(() => null);
  if (swaps !== null) yield swap(swaps);
  const year = clock().getUTCFullYear();
  if (year < 2026) yield warning("clock", `says ${year}`, "set it: OTPs, tokens and keys end by it");
}

const leastFreeBytes = 1_000_000_000;

/** The disk of this folder. The disk of a database elsewhere can not be seen from here. */
export async function* examineDisk(
  folder: string,
  freeBytesOf: (folder: string) => Promise<number> = async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
): AsyncGenerator<Finding> {
  const freeBytes = await freeBytesOf(folder).catch(() => null);
  if (freeBytes === null) return;
  const free = `${(freeBytes / 1_000_000_000).toFixed(1)} GB are free here`;
  if (freeBytes >= leastFreeBytes) yield good("disk", free);
  else yield warning("disk", free, "make room: a full disk ends the log, and a database on it");
}

function coreDumps(limits: string): Finding {
  const isOff = /^Max core file size\s+0\s/m.test(limits);
  if (isOff) return good("core dumps", "are off");
  return warning(
    "core dumps",
    "are on: one would hold keys, and PINs under way",
    "ulimit -c 0, LimitCORE=0 in systemd",
  );
}

function swap(swaps: string): Finding {
  const isOff = swaps.trim().split("\n").length <= 1;
  if (isOff) return good("swap", "is off");
  return warning("swap", "is on: memory with keys in it can reach a disk", "swapoff, or seal the swap");
}
