import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What carries Venly's protected requests out: it remembers each that reaches it, by its idempotency key. */
export interface Upstream {
  readonly url: string;
  /** By user, as the assertions name them. */
  readonly received: ReadonlyMap<string, readonly string[]>;
  stop(): void;
}

export async function startUpstream(): Promise<Upstream> {
  const received = new Map<string, string[]>();
  const server = createServer(({ headers }, response) => {
    const [, claims = ""] = String(headers["linchpin-assertion"]).split(".");
    const { sub, idempotencyKey } = JSON.parse(Buffer.from(claims, "base64url").toString());
    received.set(sub, [...(received.get(sub) ?? []), idempotencyKey]);
    response.writeHead(200, { "content-type": "application/json" }).end('{"success":true}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
