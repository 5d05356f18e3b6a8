import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Requests made ahead, as they go over the wire: nothing but bytes is moved while it is measured. */
export type Requests = readonly Buffer[];

export interface Outcome {
  readonly answered: number;
  readonly seconds: number;
  /** In ms, sorted. In an open loop from when a request was due. */
  readonly latenciesMs: readonly number[];
}

/** As many as `connections` at once, each sent when the one before is answered. Ends after `seconds`, or when all are sent. */
export async function closedLoop(
  port: number,
  requests: Requests,
  { connections = 32, seconds = Number.POSITIVE_INFINITY }: { connections?: number; seconds?: number } = {},
): Promise<Outcome> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + 1000 * seconds;
  let next = 0;
  const one = async () => {
    const connection = await open(port);
    while (performance.now() < endsAt) {
      const request = requests[next++];
      if (request === undefined) break;
      const sentAt = performance.now();
      await connection.exchange(request);
      latenciesMs.push(performance.now() - sentAt);
    }
    connection.end();
  };
  await Promise.all(Array.from({ length: connections }, one));
  return outcomeOf(latenciesMs, startedAt);
}

/** `perSecond` requests, due at even times, whatever the answers take; with as many connections as that asks for. */
export async function openLoop(port: number, requests: Requests, perSecond: number): Promise<Outcome> {
  const latenciesMs: number[] = [];
  const free: Connection[] = [];
  const startedAt = performance.now();
  const send = async (request: Buffer, dueAt: number) => {
    let connection = free.pop();
    while (connection !== undefined && !connection.isOpen()) connection = free.pop();
    connection ??= await open(port);
    await connection.exchange(request);
    latenciesMs.push(performance.now() - dueAt);
    free.push(connection);
  };
  const sent: Promise<void>[] = [];
  let next = 0;
  while (next < requests.length) {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
    for (; next <= due && next < requests.length; next++) {
      const request = requests[next];
      if (request !== undefined) sent.push(send(request, startedAt + (1000 * next) / perSecond));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(sent);
  for (const connection of free) connection.end();
  return outcomeOf(latenciesMs, startedAt);
}

/** Of sorted latencies. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

function outcomeOf(latenciesMs: number[], startedAt: number): Outcome {
  const seconds = (performance.now() - startedAt) / 1000;
  return { answered: latenciesMs.length, seconds, latenciesMs: latenciesMs.sort((a, b) => a - b) };
}

interface Connection {
  /** Rejects unless the answer is 2xx. */
  exchange(request: Buffer): Promise<void>;
  isOpen(): boolean;
  end(): void;
}

/** Where one is lost, the measurement is. */
const answeredWithinMs = 20_000;

/** A connection with one request on its way at a time. */
async function open(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let settle: { resolve(): void; reject(error: Error): void } | null = null;
  let received = "";
  const fail = (reason: string) => settle?.reject(new Error(reason));
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd + 2))?.[1] ?? 0);
    if (received.length < headEnd + 4 + bodyBytes) return;
    const answer = received;
    received = "";
    if (answer.startsWith("HTTP/1.1 2")) settle?.resolve();
    else fail(`not answered by 2xx: ${answer}`);
  });
  socket.setTimeout(answeredWithinMs, () => fail(`not answered in time; received so far: ${received}`));
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("the connection was closed"));
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    isOpen: () => socket.writable,
    end: () => {
      settle = null;
      socket.end();
    },
  };
}
