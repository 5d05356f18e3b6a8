import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** The raw response, for whoever writes it past Fastify, with the headers that every answer has. */
export function takeOverReply(reply: FastifyReply): ServerResponse {
  reply.hijack();
  for (const [header, value = ""] of Object.entries(reply.getHeaders())) reply.raw.setHeader(header, value);
  return reply.raw;
}
