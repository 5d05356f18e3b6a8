import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between servers and PostgreSQL that can be slow, and can be cut. */
export interface DatabaseProxy {
  readonly port: number;
  /** On everything, in each direction. */
  latencyMs: number;
  /** Every so many answers of the database, the connection is cut instead of handing it on; 0: never. */
  cutEvery: number;
  /** What is not handed on from now on: the statements of the servers, or the answers of the database. */
  withholds: "statements" | "answers" | null;
  /** All statements that were withheld, as they came. */
  readonly withheld: () => Buffer;
  readonly cuts: () => number;
  /** Cuts every connection; new ones lead to that port. */
  leadTo(targetPort: number): void;
  stop(): Promise<void>;
}

export async function startDatabaseProxy(targetPort: number): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  let target = targetPort;
  let answers = 0;
  let cuts = 0;
  const withheld: Buffer[] = [];
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const close = () => {
      for (const socket of [near, far]) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", close);
      socket.on("close", close);
    }
    const ask = delayed(far, proxy);
    near.on("data", (chunk) => {
      if (proxy.withholds !== "statements") ask(chunk);
      else withheld.push(chunk);
    });
    const handOn = delayed(near, proxy);
    far.on("data", (chunk) => {
      // The statement has run by now: only its answer is lost.
      if (proxy.cutEvery > 0 && ++answers % proxy.cutEvery === 0) {
        cuts++;
        close();
      } else if (proxy.withholds !== "answers") handOn(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: DatabaseProxy = {
    port: (server.address() as AddressInfo).port,
    latencyMs: 0,
    cutEvery: 0,
    withholds: null,
    withheld: () => Buffer.concat(withheld),
    cuts: () => cuts,
    leadTo: (port) => {
      target = port;
      cutAll();
    },
    stop: async () => {
      server.close();
      cutAll();
      await once(server, "close");
    },
  };
  return proxy;
}

/** Writes in order, each chunk no sooner than the latency of its arrival has it. */
function delayed(to: Socket, wire: { readonly latencyMs: number }) {
  let nextAt = 0;
  return (chunk: Buffer) => {
    const now = performance.now();
    nextAt = Math.max(nextAt, now + wire.latencyMs);
    if (nextAt <= now) to.write(chunk);
    else setTimeout(() => to.destroyed || to.write(chunk), nextAt - now);
  };
}
