import type { FastifyRequest } from "fastify";

/** What a caller sends to find its request again comes back; where it sends nothing of use, the request's own id does. */
export function correlationIdOf({ headers, id }: Pick<FastifyRequest, "headers" | "id">): string {
  const sent = headers["wl-correlation-id"];
  return typeof sent === "string" && /^[\x20-\x7e]{1,64}$/.test(sent) ? sent : id;
}
