import type { FastifyInstance } from "fastify";
import helmet from "helmet";

/**
 * The headers that tell a browser to do nothing with an answer but to hand it to its caller. Helmet itself, as its plugin
 * for Fastify reads its options anew for each request.
 */
export function setSecurityHeaders(app: FastifyInstance): void {
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
    },
  });
  app.addHook("onRequest", (request, reply, done) =>
    setHeaders(request.raw, reply.raw, (error) => done(error as Error)),
  );
}
