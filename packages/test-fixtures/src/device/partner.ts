import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeRelay, sandboxIssuers } from "@linchpin/example-relay";

/** What goes wrong on the way, once. */
export type Fault = "answer lost" | "request lost" | "status 500" | "no JSON" | "no answer" | "tampered";

/** What passed, as a partner sees it. */
interface Passed {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/**
 * The example relay before a sandbox, on a port of its own. It records all that passes, and does harm where a test asks for it:
 * `faults` are taken from the front, by messages whose path holds `faultyPath`.
 */
export class Partner {
  readonly url: string;
  readonly passed: Passed[] = [];
  faults: Fault[] = [];
  faultyPath = "";
  /** Whose cards the one who is logged in may use; null: any. */
  ownNames: readonly unknown[] | null = null;
  /** What is served beside the relay: a body a path. */
  pages: Readonly<Record<string, readonly [contentType: string, body: string]>> = {};
  /** Puts another answer in the place of the issuer's. */
  tamper: (body: string) => string = (body) => body;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(sandbox: unknown): Promise<Partner> {
    let partner: Partner | undefined;
    const relay = makeRelay(sandboxIssuers(sandbox), (_request, names) =>
      names.every((name) => partner?.ownNames?.includes(name) ?? true),
    );
    const server = createServer((request, response) => partner?.handle(relay, request, response));
    await once(server.listen(0, "127.0.0.1"), "listening");
    partner = new Partner(server);
    return partner;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** How often the path was asked for, and answered by the issuer. */
  count(path: string): number {
    return this.passed.filter((message) => message.path.includes(path)).length;
  }

  /** Everything that passed, as one text. */
  recorded(): string {
    return JSON.stringify(this.passed);
  }

  async handle(
    relay: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [contentType, page] = this.pages[request.url ?? ""] ?? [];
    if (contentType !== undefined) return void response.writeHead(200, { "content-type": contentType }).end(page);
    const isFaulty = (request.url ?? "").includes(this.faultyPath);
    const fault = isFaulty ? this.faults.shift() : undefined;
    if (fault === "request lost") return void request.socket.destroy();
    if (fault === "no answer") return;
    if (fault === "status 500") return void response.writeHead(500).end("<h1>Internal Server Error</h1>");
    const sent: Buffer[] = [];
    request.on("data", (part) => sent.push(part));
    const end = response.end.bind(response);
    response.end = ((answer: string = "") => {
      const text = [JSON.stringify(request.headers), Buffer.concat(sent).toString(), answer].join("\n");
      this.passed.push({ method: request.method ?? "", path: request.url ?? "", status: response.statusCode, text });
      if (fault === "answer lost") return void request.socket.destroy();
      return end(fault === "no JSON" ? "<p>Please log in" : fault === "tampered" ? this.tamper(answer) : answer);
    }) as typeof response.end;
    await relay(request, response);
  }
}
