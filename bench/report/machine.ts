import { spawnSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

/** What printed figures, and where. */
export interface Machine {
  readonly command: string;
  readonly date: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryGb: number;
  readonly node: string;
  /** Of Node. */
  readonly nodeOpenssl: string;
  /** Of the command that `rsaSignaturesPerSecond` is by. */
  readonly openssl: string;
  /** RSA-2048, on both cores. */
  readonly rsaSignaturesPerSecond: number;
}

export function machine(command: string, rsaSignaturesPerSecond: number): Machine {
  return {
    command,
    date: new Date().toISOString().slice(0, 10),
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    nodeOpenssl: process.versions.openssl,
    openssl: spawnSync("openssl", ["version"], { encoding: "utf8" }).stdout.split(" ", 2)[1] ?? "unknown",
    rsaSignaturesPerSecond: Math.round(rsaSignaturesPerSecond),
  };
}
