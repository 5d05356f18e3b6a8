import { readFileSync } from "node:fs";

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** CPU seconds that a process and all below it have used since they started, those that ended meanwhile included. */
export function cpuSecondsOf(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ownCpuSeconds(one), 0);
}

/** Resident memory of a process and of all below it, by process. */
export function residentBytesOf(pid: number): number[] {
  return treeOf(pid).map((one) => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(one, "status"))?.[1] ?? 0));
}

function treeOf(pid: number): number[] {
  const children = read(pid, `task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

function ownCpuSeconds(pid: number): number {
  // After the name, which may hold anything: utime, stime, and those of children that ended, are fields 14 to 17.
  const fields = read(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // It ended meanwhile.
  }
}
