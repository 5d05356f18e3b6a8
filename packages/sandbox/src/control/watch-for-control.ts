import type { FastifyInstance } from "fastify";
import type { ProtocolOf } from "../events/protocol-of.ts";
import { sandboxProtocols } from "../protocol-table.ts";
import { injectFaults } from "./inject-faults.ts";
import type { SandboxControl } from "./sandbox-control.ts";

/**
 * Journal and faults see every request of the protocols and the issuer API, and a reset waits for those that are under
 * way; one that comes during a reset waits for its end. Called before the routes are registered.
 */
export function watchForControl(app: FastifyInstance, control: SandboxControl, protocolOf: ProtocolOf): void {
  const { faults, journal } = control;
  app.addHook("onRequest", async (request, reply) => {
    await control.untilReset();
    if (protocolOf(request.originalUrl) !== null) control.underWay.add(reply);
  });
  journal.watch(app, protocolOf);
  const { release } = injectFaults(app, {
    faults,
    protocolOf,
    pendingAnswerOf: (protocol) => sandboxProtocols.find(({ name }) => name === protocol)?.answerFaults?.pending,
    onFault: (request, fault) => journal.noteFault(request, fault),
  });
  control.releaseHeld = release;
}
