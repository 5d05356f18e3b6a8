import type { FastifyInstance } from "fastify";

/**
 * A member that is null is taken as absent, as serializers of other languages send it. The schemas of the routes say for
 * which members null is allowed, and have refused it for all others by then.
 */
export function omitNullMembers(app: FastifyInstance): void {
  app.addHook("preHandler", (request, _reply, done) => {
    request.body = withoutNullMembers(request.body);
    done();
  });
}

function withoutNullMembers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNullMembers(member)]));
}
