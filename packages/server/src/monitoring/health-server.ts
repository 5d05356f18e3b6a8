import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import type { Context } from "../context/index.ts";
import { answerErrors, connectionOptions, describeProblem } from "../http/index.ts";
import { health } from "./health.ts";

interface HealthServerOptions {
  readonly host: string;
  /** Null: no such server. */
  readonly port: number | null;
  /** The server whose readiness it tells. */
  readonly of: object;
}

/**
 * Answers `/health/live` and `/health/ready` on a port of their own, in plain HTTP, and nothing else: a supervisor that
 * probes has no certificate to show where callers must show one.
 */
export async function startHealthServer(
  context: Context,
  { host, port, of: server }: HealthServerOptions,
): Promise<{ close(): Promise<void> } | null> {
  if (port === null) return null;
  const app = Fastify({
    ...connectionOptions(0, null),
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  answerErrors(app, async () => undefined, describeProblem);
  await app.register(health, { context, server });
  await app.listen({ host, port });
  return app;
}
