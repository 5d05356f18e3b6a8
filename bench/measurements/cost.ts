import { closedLoop, type Requests } from "../load/load.ts";
import { addCardData, nativeChanges, nativeSessions } from "../load/native-requests.ts";
import { type Access, adyenChanges, plumeryReveals, solarisChanges, venlyUpdates } from "../load/requests.ts";
import { cpuSecondsOf } from "./cpu-time.ts";
import { medianOf } from "./median.ts";
import { type Protocol, unavoidableSeconds } from "./unavoidable.ts";

/** Until everything is compiled and planned. In parts, each with no more requests than there are cards. */
const warmUpRequests = 3000;
const warmUpParts = 2;
/** Short, and many: the clock of a shared machine drifts within seconds. */
const rounds = 15;
const requestsPerRound = 400;

/** What an operation costs a server. CPU time, user and system; medians of the rounds. */
export interface Cost {
  readonly target: string;
  readonly operation: string;
  readonly protocol: Protocol;
  /** Of all the server's processes. */
  readonly serverMicroseconds: number;
  /** By round. Operations that are measured together take turns: the same round of two had the same machine. */
  readonly serverMicrosecondsByRound: readonly number[];
  /** Of the operation's cryptography alone, just before and after. */
  readonly cryptographyMicroseconds: number;
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

export async function measureOperations(
  target: string,
  server: Omit<Subject, "make">,
  access: Access,
  tell: (text: string) => void,
): Promise<Cost[]> {
  await addCardData(access);
  return measureInTurn(
    operations.map(({ make, operation, protocol }) => ({
      what: { target, operation, protocol },
      subject: { ...server, make: (count) => make(access, count) },
    })),
    tell,
  );
}

export async function measureSolarisChange(target: string, subject: Subject): Promise<Cost> {
  const what = { target, operation: "Solaris PIN change", protocol: "solaris" } as const;
  const [cost] = await measureInTurn([{ what, subject }]);
  return cost as Cost; // one comes for each
}

/** Everything is warmed up before anything is measured; then all take a turn in each round. */
async function measureInTurn(
  measured: readonly { what: Pick<Cost, "target" | "operation" | "protocol">; subject: Subject }[],
  tell: (text: string) => void = () => {},
): Promise<Cost[]> {
  for (const { subject } of measured)
    for (let part = 0; part < warmUpParts; part++)
      await closedLoop(subject.port, await subject.make(warmUpRequests / warmUpParts));
  const taken: Awaited<ReturnType<typeof measureRound>>[][] = measured.map(() => []);
  for (let round = 0; round < rounds; round++) {
    tell(`round ${round + 1} of ${rounds}`);
    for (const [index, { what, subject }] of measured.entries())
      taken[index]?.push(await measureRound(subject, what.protocol, await subject.make(requestsPerRound)));
  }
  return measured.map(({ what, subject }, index) => {
    const own = taken[index] ?? [];
    const postgresSeconds = own.reduce((sum, round) => sum + round.postgresSeconds, 0);
    return {
      ...what,
      serverMicroseconds: medianOf(own.map(({ serverMicroseconds }) => serverMicroseconds)),
      serverMicrosecondsByRound: own.map(({ serverMicroseconds }) => serverMicroseconds),
      cryptographyMicroseconds: medianOf(own.map(({ cryptographyMicroseconds }) => cryptographyMicroseconds)),
      ratio: medianOf(own.map(({ ratio }) => ratio)),
      postgresMicroseconds: subject.postgresPid === null ? null : (1e6 * postgresSeconds) / (rounds * requestsPerRound),
    };
  });
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
