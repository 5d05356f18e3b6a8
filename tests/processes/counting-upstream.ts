import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Counts what reaches it, and answers when it is told to. */
export class CountingUpstream {
  readonly #server: Server;
  /** Idempotency keys, as the assertions name them. */
  readonly received: string[] = [];
  isSilent = false;
  #onRequest: () => void = () => {};

  private constructor() {
    this.#server = createServer(({ headers }, response) => {
      const [, claims = ""] = String(headers["linchpin-assertion"]).split(".");
      this.received.push(JSON.parse(Buffer.from(claims, "base64url").toString()).idempotencyKey);
      this.#onRequest();
      if (!this.isSilent) response.writeHead(200, { "content-type": "application/json" }).end('{"success":true}');
    });
  }

  static async start(): Promise<CountingUpstream> {
    const upstream = new CountingUpstream();
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  nextRequest(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRequest = resolve;
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
