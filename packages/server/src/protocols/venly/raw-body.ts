import type { Readable } from "node:stream";
import { concatBytes, LinchpinError } from "@linchpin/core";
import { maxHeaderLength } from "@linchpin/protocols/venly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import { partnerOf } from "../../http/index.ts";
import type { ReceivedRequest } from "./signing-operation.ts";

/**
 * Gives the routes of this plugin their bodies as the received bytes, because the bytes are hashed and hold secrets. They
 * are wiped when the route ends, whether it succeeded or not, and also when the caller has closed the connection.
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

/** Joins the chunks of a body and wipes them. @throws LinchpinError `body_too_large`; an error of the stream as it is */
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

/** Fastify does not validate raw bodies: the protocol's own reader does. Their schemas only describe them. */
export const judgedByReader = () => () => true;

/** One of the two, of every request that a signing method authorizes; described, and judged by their own reader. */
export const SigningHeaders = Type.Object({
  "signing-method": Type.Optional(Type.String({ description: "id:value, in clear" })),
  "encrypted-signing-method": Type.Optional(
    Type.String({ description: "base64 of an envelope that holds a signing method", maxLength: maxHeaderLength }),
  ),
});

/** The signing method that a request comes with. Duplicate headers arrive as one, which no parser takes. */
export function receivedRequestOf(request: FastifyRequest, acceptsPlainBiometric: boolean): ReceivedRequest {
  return {
    caller: partnerOf(request),
    sealedMethod: headerOf(request, "encrypted-signing-method"),
    plainMethod: headerOf(request, "signing-method"),
    body: rawBodyOf(request),
    acceptsPlainBiometric,
  };
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join() : value;
}
