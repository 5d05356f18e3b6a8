import { closedLoop, type Requests } from "../load/load.ts";
import { addCardData, nativeChanges, nativeSessions } from "../load/native-requests.ts";
import { type Access, adyenChanges, plumeryReveals, solarisChanges, venlyUpdates } from "../load/requests.ts";
import { cpuSecondsOf } from "./cpu-time.ts";
import { type Protocol, unavoidableSeconds } from "./unavoidable.ts";

/** Until everything is compiled and planned. In parts, each with no more requests than there are cards. */
const warmUpRequests = 3000;
const warmUpParts = 2;
/** Short, and many: the clock of a shared machine drifts within seconds. */
const rounds = 5;
const requestsPerRound = 400;

/** What an operation costs a server. CPU time, user and system. */
export interface Cost {
  readonly target: string;
  readonly operation: string;
  readonly protocol: Protocol;
  /** Of all the server's processes, in the round of the median ratio. */
  readonly serverMicroseconds: number;
  /** Of the operation's cryptography alone, just before and after. */
  readonly cryptographyMicroseconds: number;
  /** The median of those of each round. */
  readonly ratio: number;
  /** Of all processes of PostgreSQL, over all rounds. Null: it has none. */
  readonly postgresMicroseconds: number | null;
}

/** What is measured: a server's processes, those of its database, and requests to it. */
interface Subject {
  readonly pid: number;
  readonly port: number;
  /** Null: it has no PostgreSQL. */
  readonly postgresPid: number | null;
  readonly make: (count: number) => Promise<Requests>;
}

interface Operation {
  readonly operation: string;
  readonly protocol: Protocol;
  readonly make: (access: Access, count: number) => Promise<Requests>;
}

/** Changes come before reveals, which need a PIN. */
const operations: readonly Operation[] = [
  { protocol: "solaris", operation: "Solaris PIN change", make: solarisChanges },
  { protocol: "adyen", operation: "Adyen PIN change", make: adyenChanges },
  { protocol: "venly", operation: "Venly signing method", make: venlyUpdates },
  { protocol: "nativeSession", operation: "Native session", make: nativeSessions },
  { protocol: "nativeChange", operation: "Native PIN change", make: nativeChanges },
  { protocol: "plumery", operation: "Plumery PIN reveal", make: plumeryReveals },
];

export async function* measureOperations(
  target: string,
  server: Omit<Subject, "make">,
  access: Access,
): AsyncIterable<Cost> {
  await addCardData(access);
  for (const { make, operation, protocol } of operations)
    yield await measure({ target, operation, protocol }, { ...server, make: (count) => make(access, count) });
}

export function measureSolarisChange(target: string, subject: Subject): Promise<Cost> {
  return measure({ target, operation: "Solaris PIN change", protocol: "solaris" }, subject);
}

async function measure(what: Pick<Cost, "target" | "operation" | "protocol">, subject: Subject): Promise<Cost> {
  for (let part = 0; part < warmUpParts; part++)
    await closedLoop(subject.port, await subject.make(warmUpRequests / warmUpParts));
  const measured = [];
  for (let round = 0; round < rounds; round++)
    measured.push(await measureRound(subject, what.protocol, await subject.make(requestsPerRound)));
  const [median] = measured.toSorted((a, b) => a.ratio - b.ratio).slice(rounds >> 1);
  if (median === undefined) throw new Error("nothing was measured");
  const { postgresSeconds: _, ...ofRound } = median;
  const postgresSeconds = measured.reduce((sum, round) => sum + round.postgresSeconds, 0);
  const postgresMicroseconds =
    subject.postgresPid === null ? null : (1e6 * postgresSeconds) / (rounds * requestsPerRound);
  return { ...what, ...ofRound, postgresMicroseconds };
}

/** The cryptography alone before and after. */
async function measureRound({ pid, port, postgresPid }: Subject, protocol: Protocol, requests: Requests) {
  const postgresCpu = () => (postgresPid === null ? 0 : cpuSecondsOf(postgresPid));
  const aloneBefore = unavoidableSeconds(protocol);
  const [serverBefore, postgresBefore] = [cpuSecondsOf(pid), postgresCpu()];
  const { answered } = await closedLoop(port, requests);
  const server = (cpuSecondsOf(pid) - serverBefore) / answered;
  const postgresSeconds = postgresCpu() - postgresBefore;
  const alone = (aloneBefore + unavoidableSeconds(protocol)) / 2;
  return {
    serverMicroseconds: 1e6 * server,
    cryptographyMicroseconds: 1e6 * alone,
    ratio: server / alone,
    postgresSeconds,
  };
}
