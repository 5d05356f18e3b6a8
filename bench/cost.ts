import { cpuSecondsOf } from "./cpu-time.ts";
import type { Running } from "./issuer.ts";
import { closedLoop, type Requests } from "./load.ts";
import { type Access, adyenChanges, plumeryReveals, solarisChanges, venlyUpdates } from "./requests.ts";
import { type Protocol, unavoidableSeconds } from "./unavoidable.ts";

/** Until everything is compiled and planned. */
const warmUpRequests = 6000;
/** Short, and many: the clock of a shared machine drifts within seconds. */
const rounds = 9;
const requestsPerRound = 800;

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

export async function measureCosts({ pid, port }: Running, access: Access): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const { make, ...operation } of operations) {
    const median = await measureCost({ pid, port, protocol: operation.protocol }, (count) => make(access, count));
    costs.push({ ...operation, ...median });
  }
  return costs;
}

/** The round of the median ratio. */
export async function measureCost(
  server: { readonly pid: number; readonly port: number; readonly protocol: Protocol },
  make: (count: number) => Promise<Requests>,
): Promise<Pick<Cost, "serverMicroseconds" | "unavoidableMicroseconds" | "ratio">> {
  await closedLoop(server.port, await make(warmUpRequests));
  const measured = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(server, await make(requestsPerRound)));
  const [median] = measured.toSorted((a, b) => a.ratio - b.ratio).slice(rounds >> 1);
  if (median === undefined) throw new Error("nothing was measured");
  return median;
}

/** The cryptography alone before and after. */
async function measureRound({ pid, port, protocol }: Parameters<typeof measureCost>[0], requests: Requests) {
  const aloneBefore = unavoidableSeconds(protocol);
  const cpuBefore = cpuSecondsOf(pid);
  const { answered } = await closedLoop(port, requests);
  const server = (cpuSecondsOf(pid) - cpuBefore) / answered;
  const alone = (aloneBefore + unavoidableSeconds(protocol)) / 2;
  return { serverMicroseconds: 1e6 * server, unavoidableMicroseconds: 1e6 * alone, ratio: server / alone };
}
