import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that outgoing connections are given: 32768 and higher on Linux, 49152 and higher elsewhere. */
const ports = { from: 10_240, below: 32_768 } as const;
const attempts = 100;

/**
 * A port of 127.0.0.1 that nobody listens on now. It is drawn at random, so that two processes that ask at once hardly get
 * the same one, and the system gives it to no connection before it is listened on.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(ports.from, ports.below);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${attempts} ports was free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
