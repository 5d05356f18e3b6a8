import { type Server, STATUS_CODES } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { type TlsOptions, Server as TlsServer } from "node:tls";
import { LinchpinError } from "@linchpin/core";
import type { FastifyHttpOptions, FastifyInstance } from "fastify";
import { describeProblem } from "./problem.ts";

/** For the whole request, its body included. Requests are at most 64 KB. */
export const requestTimeoutMs = 10_000;

/** Timeouts of a connection. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: requestTimeoutMs,
  /** How much later than that it may be noticed. */
  connectionsCheckingInterval: 1_000,
};

/** Longer than the 60 s after which common proxies close an idle connection: no request is lost where the proxy closes first. */
const keepAliveTimeout = 72_000;

/**
 * Limits for clients that are slow or send malformed HTTP. `longestAnswerMs` is the longest time until an answer is
 * ready; a client that does not read its answer is disconnected 30 s after that.
 */
export function connectionOptions(longestAnswerMs: number, tls: TlsOptions | null): FastifyHttpOptions<Server> {
  const listening = tls === null ? { http: limits } : { https: { ...limits, ...tls } };
  return {
    ...listening,
    requestTimeout: limits.requestTimeout,
    connectionTimeout: longestAnswerMs + 30_000,
    keepAliveTimeout,
    clientErrorHandler: (error, socket) => {
      if (error.code === "ECONNRESET" || !socket.writable) return;
      socket.end(problemAnswer(statuses[error.code ?? ""] ?? 400), () => socket.destroy());
    },
  };
}

/** How long a connection may take for a request that it has begun to send when the server closes. */
const requestHeadGraceMs = 1_000;

/**
 * What is under way at a shutdown is finished, and then nothing waits for a connection that is kept alive, that never
 * said anything, that does not end what it began to send, or that is still at its request when no request may be: Node
 * looks at no timeouts any more by then.
 */
export function closeConnectionsWithTheirAnswer(app: FastifyInstance, longestAnswerMs: number): void {
  const connections = socketsOf(app.server, "connection");
  // A request has the socket inside TLS.
  const speaking = app.server instanceof TlsServer ? socketsOf(app.server, "secureConnection") : connections;
  const answering = new Set<Socket>();
  app.server.on("request", ({ socket }, response) => {
    answering.add(socket);
    response.once("close", () => answering.delete(socket));
  });
  app.addHook("preClose", async () => {
    draining.add(app.server);
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    setTimeout(() => {
      for (const socket of speaking) if (!answering.has(socket)) socket.destroy();
    }, requestHeadGraceMs).unref();
    setTimeout(() => app.server.closeAllConnections(), limits.requestTimeout + longestAnswerMs).unref();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining.has(app.server)) reply.header("connection", "close");
    done();
  });
}

/** Those that are open, now and later. */
function socketsOf(server: Server, event: "connection" | "secureConnection"): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on(event, (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

/**
 * Takes no new connections, and lets callers end theirs: each answer asks for it. A connection that is closed on an idle
 * caller may meet its next request, which would be lost. Resolves when all have ended, or when the drain signal is aborted.
 */
export async function drainConnections(server: Server, drainSignal: AbortSignal): Promise<void> {
  draining.add(server);
  await new Promise<void>((resolve) => {
    // http's own would close what is idle.
    NetServer.prototype.close.call(server, () => resolve());
    if (drainSignal.aborted) resolve();
    drainSignal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Says that nothing is to be sent to this server any more, to whoever asks whether it is ready. */
export function stopBeingReady(server: object): void {
  stopping.add(server);
}

export function isStopping(server: object): boolean {
  return stopping.has(server);
}

const stopping = new WeakSet<object>();
const draining = new WeakSet<object>();

const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** The answer to bytes that are no HTTP request: no protocol can be known, so it is the issuer's own problem document. */
function problemAnswer(status: number): string {
  const { body, mediaType } = describeProblem(new LinchpinError("request_invalid"));
  const text = JSON.stringify({ ...body, status });
  const headers = `Content-Type: ${mediaType}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`;
}
