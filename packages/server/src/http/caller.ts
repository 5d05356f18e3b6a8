import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Caller, PartnerCaller } from "../context/index.ts";

const callers = new WeakMap<FastifyRequest, Caller>();

/** Authenticates the caller before the body is read. `authenticate` throws for an unknown caller. */
export function requireCaller(app: FastifyInstance, authenticate: (request: FastifyRequest) => Promise<Caller>): void {
  app.addHook("onRequest", async (request) => {
    callers.set(request, await authenticate(request));
  });
}

/** The authenticated caller; undefined on a route without authentication. */
export function knownCallerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** The caller's name for limits and metrics, or a fixed word on a route without authentication. */
export function callerName(request: FastifyRequest): string {
  const caller = knownCallerOf(request);
  if (caller === undefined) return "nobody";
  return caller.kind === "partner" ? `partner ${caller.partnerId}` : `operator ${caller.name}`;
}

export function callerOf(request: FastifyRequest): Caller {
  const caller = knownCallerOf(request);
  if (caller === undefined) throw new Error("this route was registered outside of requireCaller");
  return caller;
}

export function partnerOf(request: FastifyRequest): PartnerCaller {
  const caller = callerOf(request);
  if (caller.kind !== "partner") throw new Error("this route was registered for operators");
  return caller;
}
