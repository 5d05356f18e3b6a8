import type { FastifyReply } from "fastify";

/** Sends an answer of long texts, which the serializers that are compiled look at character by character. */
export function sendLongTexts(reply: Pick<FastifyReply, "type">, answer: object): FastifyReply {
  // Fastify names the type itself only where it serializes the answer itself.
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
}
