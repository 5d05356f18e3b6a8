import type { FastifyInstance, FastifyRequest } from "fastify";
import { newRequestScope, type RequestScope, runInRequest } from "../context/index.ts";

/** Every answer carries the id that its log lines and audit events have. */
export const requestIdHeader = "x-request-id";

const scopes = new WeakMap<FastifyRequest, RequestScope>();

/** Serves every request in a scope of its own. Must be called before any other hook is added. */
export function scopeRequests(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header(requestIdHeader, request.id);
    runInRequest(requestScopeOf(request), done);
  });
  // A body arrives in the asynchronous context of the connection, so the request's is entered again after it.
  app.addHook("preValidation", (request, _reply, done) => runInRequest(requestScopeOf(request), done));
}

export function requestScopeOf(request: FastifyRequest): RequestScope {
  let scope = scopes.get(request);
  if (scope === undefined) {
    scope = newRequestScope(request.id);
    scopes.set(request, scope);
  }
  return scope;
}
