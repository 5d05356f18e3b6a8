import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type ProtocolOf, pathOf } from "../events/protocol-of.ts";
import type { DueFault, Faults } from "./faults.ts";

interface InjectOptions {
  readonly faults: Faults;
  readonly protocolOf: ProtocolOf;
  /** Sent in the place of a successful answer by the status `pending`. */
  readonly pendingAnswerOf: (protocol: string) => object | undefined;
  readonly onFault: (request: FastifyRequest, fault: DueFault) => void;
}

/** Lets requests meet the faults that wait for them. Must be called before the routes are registered. */
export function injectFaults(
  app: FastifyInstance,
  { faults, protocolOf, pendingAnswerOf, onFault }: InjectOptions,
): { readonly release: () => void } {
  const due = new WeakMap<FastifyRequest, { readonly fault: DueFault; readonly protocol: string }>();
  const held = new Set<FastifyRequest>();
  const release = () => {
    for (const { raw } of held) raw.socket.destroy();
  };
  /** Resolves when the connection is gone. */
  const lose = async (request: FastifyRequest, { status }: DueFault) => {
    const { socket } = request.raw;
    if (status === "reset") socket.resetAndDestroy();
    if (socket.destroyed) return;
    held.add(request);
    // Not `once` of node:events, which rejects where the client resets the connection.
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    held.delete(request);
  };

  app.addHook("onRequest", async (request, reply) => {
    const protocol = protocolOf(request.originalUrl);
    const fault = protocol === null ? null : faults.take(protocol, pathOf(request.originalUrl));
    if (protocol === null || fault === null) return;
    onFault(request, fault);
    due.set(request, { fault, protocol });
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
    if (typeof fault.status === "number") throw answeredWith(fault.status);
    if (!isConnectionFault(fault) || fault.loses === "answer") return;
    reply.hijack();
    void lose(request, fault);
  });

  // The caller is known by now: Adyen answers `unavailable` only to callers who may change PINs.
  app.addHook("preHandler", async (request) => {
    if (due.get(request)?.fault.status === "unavailable") throw new LinchpinError("unavailable");
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const found = due.get(request);
    if (found === undefined) return payload;
    const { fault, protocol } = found;
    if (isConnectionFault(fault)) await lose(request, fault);
    return fault.status === "pending" && reply.statusCode === 200 ? JSON.stringify(pendingAnswerOf(protocol)) : payload;
  });

  app.addHook("preClose", async () => release());
  return { release };
}

const isConnectionFault = ({ status }: DueFault): boolean => status === "timeout" || status === "reset";

/** No LinchpinError: a protocol that has an answer of its own to one of those gives another status. */
function answeredWith(statusCode: number): Error {
  return Object.assign(new Error("a fault that was asked for"), { statusCode });
}
