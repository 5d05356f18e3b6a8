import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What came to the receiver. */
export interface Delivery {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the wire holds
  readonly body: any;
}

/** The operator's end of the outbox: it keeps what it receives, and answers with what `answer` returns. */
export class OutboxReceiver {
  readonly deliveries: Delivery[] = [];
  /** Null: no answer at all. */
  answer: (delivery: Delivery) => number | null | Promise<number | null> = () => 204;
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString();
    const delivery = { path: request.url ?? "", headers: request.headers, raw, body: JSON.parse(raw) };
    this.deliveries.push(delivery);
    const status = await this.answer(delivery);
    if (status !== null) response.writeHead(status, status === 307 ? { location: "/elsewhere" } : {}).end();
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
