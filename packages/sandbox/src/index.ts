import type { Context, Protocol, Sandbox, SandboxFactory } from "@linchpin/server/issuer";
import { SandboxEvents } from "./events.ts";
import { explainRefusal } from "./explain.ts";
import { fixedOtp, makeSandboxOtp, sandboxMaxOtpsPerHour } from "./fixed-otp.ts";
import { pageRoutes } from "./page.ts";
import { partnerRoutes } from "./partner.ts";
import { describeSandbox, sandboxRoutes } from "./routes.ts";
import { sandboxCard, seedSandbox } from "./seed.ts";
import { transferUpstream } from "./transfer-upstream.ts";

export type { SandboxDescription } from "./protocol-table.ts";

/** The sandbox: `serve` runs as one when it is handed this. */
export const sandboxFactory: SandboxFactory = {
  makeOtp: makeSandboxOtp,
  maxOtpsPerHour: sandboxMaxOtpsPerHour,
  open: openSandbox,
};

async function openSandbox(
  context: Context,
  { protocols, masterKey }: { protocols: readonly Protocol[]; masterKey: Uint8Array | null },
): Promise<Sandbox> {
  await seedSandbox(context);
  const events = new SandboxEvents(protocols);
  const { upstream, routes: transferRoutes } = transferUpstream(context);
  const issuers = () => describeSandbox(context, protocols, sandboxCard);
  return {
    watchStep: events.watchStep,
    watchRequests: (app) => events.watchRequests(app),
    routes: async (app) => {
      await app.register(pageRoutes, { context });
      await app.register(sandboxRoutes, { prefix: "/sandbox", context, protocols });
      await app.register(transferRoutes, { prefix: "/sandbox" });
      await app.register(events.routes, { prefix: "/sandbox" });
      await app.register(partnerRoutes, { prefix: "/sandbox", context, events, issuers });
    },
    explain: (error, request) => explainRefusal({ ...context, masterKey }, error, request.body),
    staticTan: fixedOtp.otp,
    upstream,
  };
}
