import { cpuSecondsOf } from "./cpu-time.ts";
import type { Running } from "./issuer.ts";
import { closedLoop, type Requests } from "./load.ts";
import { type Access, adyenChanges, plumeryReveals, solarisChanges, venlyUpdates } from "./requests.ts";
import { type Protocol, unavoidableSeconds } from "./unavoidable.ts";

const rounds = 3;

/** What an operation costs the server's processes, and what its cryptography alone does. */
export interface Cost {
  readonly protocol: Protocol;
  readonly name: string;
  readonly goal: number;
  readonly serverMicroseconds: number;
  readonly unavoidableMicroseconds: number;
  /** The median of those of each round. */
  readonly ratio: number;
}

interface Operation {
  readonly protocol: Protocol;
  readonly name: string;
  readonly goal: number;
  readonly make: (access: Access, count: number) => Promise<Requests>;
}

/** Changes come before reveals, which need a PIN. */
const operations: readonly Operation[] = [
  { protocol: "solaris", name: "Solaris PIN change", goal: 1.4, make: solarisChanges },
  { protocol: "adyen", name: "Adyen PIN change", goal: 1.4, make: adyenChanges },
  { protocol: "venly", name: "Venly signing method", goal: 1.4, make: venlyUpdates },
  { protocol: "plumery", name: "Plumery PIN reveal", goal: 2, make: plumeryReveals },
];

export async function measureCosts(issuer: Running, access: Access): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const operation of operations) {
    await closedLoop(issuer.port, await operation.make(access, 2000)); // until everything is compiled and planned
    const measured: { server: number; alone: number }[] = [];
    for (let round = 0; round < rounds; round++)
      measured.push(await measureOnce(issuer.pid, issuer.port, operation.protocol, await operation.make(access, 2000)));
    const [median] = measured.toSorted((a, b) => a.server / a.alone - b.server / b.alone).slice(rounds >> 1);
    if (median === undefined) throw new Error("nothing was measured");
    costs.push({
      ...operation,
      serverMicroseconds: 1e6 * median.server,
      unavoidableMicroseconds: 1e6 * median.alone,
      ratio: median.server / median.alone,
    });
  }
  return costs;
}

/** The cryptography alone before and after, as the clock of a shared machine drifts. */
export async function measureOnce(pid: number, port: number, protocol: Protocol, requests: Requests) {
  const aloneBefore = unavoidableSeconds(protocol);
  const cpuBefore = cpuSecondsOf(pid);
  const { answered } = await closedLoop(port, requests);
  const server = (cpuSecondsOf(pid) - cpuBefore) / answered;
  return { server, alone: (aloneBefore + unavoidableSeconds(protocol)) / 2 };
}
