import type { FastifyRequest } from "fastify";
import { callerName, knownCallerOf } from "./caller.ts";

// `config.rateLimit` of a route, as `@fastify/rate-limit` reads it: whose requests count together.

/** By who calls, which is known by then; where nobody must be known, by address. */
export function callerOrAddress(request: FastifyRequest): string {
  return knownCallerOf(request) === undefined ? `address ${request.ip}` : callerName(request);
}

/** For probes and scrapes: a flood of requests by nobody must not make the issuer look dead. */
export const withoutLimit = { rateLimit: false } as const;

/**
 * For tokens: by the client id, and the address it comes from. All that is behind one proxy has one address, and
 * whoever has no credentials must not keep the others from theirs. The body is there by then.
 */
export function limitByClient(clientIdOf: (request: FastifyRequest) => string | undefined) {
  return {
    rateLimit: {
      hook: "preHandler",
      keyGenerator: (request: FastifyRequest) => `client ${clientIdOf(request) ?? ""} ${request.ip}`,
    },
  } as const;
}
