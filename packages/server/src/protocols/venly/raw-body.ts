import type { Readable } from "node:stream";
import { concatBytes, LinchpinError } from "@linchpin/core";
import { maxHeaderLength } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import { partnerOf } from "../../http/index.ts";
import type { SigningRequest } from "./signing-operation.ts";

/**
 * Bodies below reach their routes as the bytes that came: they are hashed so, and hold secrets. They are wiped when the
 * route is done with them, whatever came of it and whether or not the caller still waits for the answer.
 */
export function keepRawBodies(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", ({ routeOptions }, body, done) =>
    takeBody(body, routeOptions.bodyLimit ?? 0, done),
  );
  app.addHook("onSend", async (request) => {
    rawBodyOf(request).fill(0);
  });
}

/** What came in pieces, in one; the pieces are wiped. @throws LinchpinError `body_too_large`, what breaks the stream */
function takeBody(stream: Readable, limitBytes: number, done: (error: Error | null, body?: Uint8Array) => void): void {
  const pieces: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
    if (length > limitBytes) finish(new LinchpinError("body_too_large"));
  };
  const end = () => finish(null, concatBytes(...pieces));
  const finish = (error: Error | null, body?: Uint8Array) => {
    stream.off("data", take).off("end", end).off("error", finish).resume();
    for (const piece of pieces) piece.fill(0);
    done(error, body);
  };
  stream.on("data", take).on("end", end).on("error", finish);
}

export function rawBodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}

/** Raw bodies are judged by the protocol's own reader; schemas describe them. */
export const judgedByReader = () => () => true;

/** One of the two, of every request that a signing method authorizes; described, and judged by their own reader. */
export const SigningHeaders = Type.Object({
  "signing-method": Type.Optional(Type.String({ description: "id:value, in clear" })),
  "encrypted-signing-method": Type.Optional(
    Type.String({ description: "base64 of an envelope that holds a signing method", maxLength: maxHeaderLength }),
  ),
});

/** The signing method that a request comes with. Duplicate headers arrive as one, which no parser takes. */
export function signingRequestOf<UserId extends string | null>(
  request: FastifyRequest,
  userId: UserId,
  acceptsPlainBiometric: boolean,
): SigningRequest & { userId: UserId } {
  return {
    caller: partnerOf(request),
    sealedMethod: headerOf(request, "encrypted-signing-method"),
    plainMethod: headerOf(request, "signing-method"),
    body: rawBodyOf(request),
    userId,
    acceptsPlainBiometric,
  };
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join() : value;
}
