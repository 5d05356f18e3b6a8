import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a message on its way to the sandbox: pulled is the whole wire, until it is plugged in again. */
export type Fate = "arrives" | "is pulled" | "is held";

/** The network between browser and sandbox: it writes down all that passes, and can be pulled. */
export class Wire {
  recorded: string[] = [];
  fateOf: (method: string, path: string) => Fate = () => "arrives";
  readonly #server: Server;
  readonly #target: string;
  #port = 0;

  constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => this.#carry(incoming, outgoing));
  }

  /** For another test, which finds nothing of the one before: on the same port, or another where that is taken. */
  async layAnew(): Promise<void> {
    this.recorded = [];
    this.fateOf = () => "arrives";
    await this.plugIn().catch((error) => {
      if (error.code !== "EADDRINUSE") throw error;
      this.#port = 0;
      return this.plugIn();
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async plugIn(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  pull(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #carry(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = incoming;
    const body = await buffer(incoming);
    this.recorded.push(`${method} ${url}\n${JSON.stringify(headers)}\n${body}`);
    const fate = this.fateOf(method, url);
    if (fate === "is pulled") this.pull();
    if (fate !== "arrives") return;
    const onward = request(this.#target + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("data", (chunk) => this.recorded.push(String(chunk)));
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    onward.end(body);
  }
}
