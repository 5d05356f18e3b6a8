import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import type { SandboxEvent } from "@linchpin/page";
import { manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import { stepRows, takeOverReply, type WatchStep } from "@linchpin/server/issuer";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { outcomeOf } from "./answer-outcome.ts";
import type { ProtocolOf } from "./protocol-of.ts";

type Conclusion = Type.Static<typeof Conclusion>;
const Conclusion = Type.Object({ code: Type.Union([Type.Null(), Type.String({ pattern: "^[a-z_]{1,40}$" })]) });

/** By which the page's partner says which message a request of its is: for the events alone. */
export const relayedHeader = "linchpin-relayed";

/** Sends each event to every browser that listens. One that is too slow is disconnected: it reconnects by itself. */
export class SandboxEvents {
  readonly #listeners = new Set<ServerResponse>();
  readonly #requestId = new AsyncLocalStorage<string>();
  /** Of answers that are being sent. */
  readonly #outcomes = new WeakMap<object, ReturnType<typeof outcomeOf>>();
  readonly #protocolOf: ProtocolOf;

  constructor(protocolOf: ProtocolOf) {
    this.#protocolOf = protocolOf;
  }

  tell(event: SandboxEvent): void {
    const text = `data: ${JSON.stringify(event)}\n\n`;
    for (const listener of this.#listeners) if (!listener.write(text)) listener.destroy();
  }

  readonly watchStep: WatchStep = (taken) => {
    const id = this.#requestId.getStore();
    if (id !== undefined) this.tell({ kind: "step", id, label: stepRows[taken.step], ...taken });
  };

  /** Every request to the protocols and the issuer API. */
  watchRequests(app: FastifyInstance): void {
    app.addHook("onRequest", async (request) => {
      const { id, method, originalUrl: path } = request;
      const relayedId = request.headers[relayedHeader];
      const relayed = typeof relayedId === "string" ? { relayedId } : {};
      if (this.#isShown(request)) this.tell({ kind: "request", id, method, path, ...relayed });
    });
    // Not earlier: the events of a body's stream would leave the context.
    app.addHook("preValidation", (request, _reply, done) => this.#requestId.run(request.id, done));
    app.addHook("onSend", async (request, { statusCode }, body) => {
      if (this.#isShown(request)) this.#outcomes.set(request, outcomeOf(statusCode, body));
    });
    app.addHook("onResponse", async (request, { statusCode: status, elapsedTime: elapsedMs }) => {
      const { outcome, reason } = this.#outcomes.get(request) ?? { outcome: null, reason: null };
      if (this.#isShown(request)) this.tell({ kind: "answer", id: request.id, status, outcome, reason, elapsedMs });
    });
    app.addHook("preClose", async () => {
      for (const listener of this.#listeners) listener.end();
    });
  }

  /** Requests that only observe are left out, those of the page above all. */
  #isShown({ method, originalUrl: url }: { method: string; originalUrl: string }): boolean {
    if (url === manifestPath) return true;
    const protocol = this.#protocolOf(url);
    return protocol !== null && !(protocol === "issuer" && method === "GET");
  }

  /** Below `/sandbox`. */
  readonly routes = async (app: FastifyInstance): Promise<void> => {
    app.post<{ Body: Conclusion }>(
      "/conclusions",
      { schema: { hide: true, body: Conclusion } },
      async ({ body }, reply) => {
        this.tell({ kind: "conclusion", code: body.code });
        reply.code(204);
      },
    );
    app.get("/events", { schema: { hide: true } }, (_request, reply) => {
      const listener = takeOverReply(reply);
      listener.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      listener.write(": what happens from now on\n\n");
      this.#listeners.add(listener);
      listener.on("close", () => this.#listeners.delete(listener));
    });
  };
}
