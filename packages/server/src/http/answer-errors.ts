import { LinchpinError } from "@linchpin/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { toLinchpinError } from "./errors.ts";
import { noteRefusal } from "./refusals.ts";

/** Explains a refusal to the caller, after it is decided. Only the sandbox explains anything. */
export type Explain = (error: LinchpinError, request: FastifyRequest) => Promise<string | undefined>;

/** When a client may try again what was `unavailable`. */
export const retryAfterSeconds = 1;

const json = "application/json";

/** Answers every error below this prefix in the words of its protocol. */
export function answerErrors(
  app: FastifyInstance,
  explain: Explain,
  describe: (
    error: LinchpinError,
    explanation: string | undefined,
    requestId: string,
    request: FastifyRequest,
  ) => { status: number; body: unknown; mediaType?: string },
): void {
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = toLinchpinError(thrown);
    noteRefusal(request, error.code);
    const { status, body, mediaType = json } = describe(error, await explain(error, request), request.id, request);
    const facts = { code: error.code, reason: error.reason, field: error.field };
    if (status < 500) request.log.info(facts, "refused");
    else request.log.error({ ...facts, err: error.cause ?? error }, "failed");
    if (status === 503) reply.header("retry-after", retryAfterSeconds);
    return reply.code(status).type(mediaType).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const { status, body, mediaType = json } = describe(new LinchpinError("not_found"), undefined, request.id, request);
    return reply.code(status).type(mediaType).send(body);
  });
}
