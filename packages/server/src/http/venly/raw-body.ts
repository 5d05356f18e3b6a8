import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SigningRequest } from "../../signing-operation.ts";
import { partnerOf } from "../caller.ts";

/**
 * Bodies below reach their routes as the bytes that came: they are hashed so, and hold secrets. They are wiped when the
 * route is done with them, whatever came of it and whether or not the caller still waits for the answer.
 */
export function keepRawBodies(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addHook("onSend", async (request) => {
    rawBodyOf(request).fill(0);
  });
}

export function rawBodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}

/** Raw bodies are judged by the protocol's own reader; schemas describe them. */
export const judgedByReader = () => () => true;

/** The signing method that a request comes with. Duplicate headers arrive as one, which no parser takes. */
export function signingRequestOf<UserId extends string | null>(
  request: FastifyRequest,
  userId: UserId,
): SigningRequest & { userId: UserId } {
  return {
    caller: partnerOf(request),
    sealedMethod: headerOf(request, "encrypted-signing-method"),
    plainMethod: headerOf(request, "signing-method"),
    body: rawBodyOf(request),
    userId,
  };
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join() : value;
}
