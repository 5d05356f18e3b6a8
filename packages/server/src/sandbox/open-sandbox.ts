import type { Context } from "../context/context.ts";
import { SandboxEvents } from "./events.ts";
import { explainRefusal } from "./explain.ts";
import { fixedOtp } from "./fixed-otp.ts";
import { pageRoutes } from "./page.ts";
import { partnerRoutes } from "./partner.ts";
import { describeSandbox, sandboxRoutes } from "./routes.ts";
import type { Sandbox } from "./sandbox.ts";
import { sandboxCard, seedSandbox } from "./seed.ts";
import { transferUpstream } from "./transfer-upstream.ts";

export { makeSandboxOtp, sandboxMaxOtpsPerHour } from "./fixed-otp.ts";

/** Seeds the store and opens what only a sandbox has. The master key is for its explanations. */
export async function openSandbox(context: Context, masterKey: Uint8Array | null): Promise<Sandbox> {
  await seedSandbox(context);
  const events = new SandboxEvents();
  const { upstream, routes: transferRoutes } = transferUpstream(context);
  const issuers = () => describeSandbox(context, sandboxCard);
  return {
    watchStep: events.watchStep,
    watchRequests: (app) => events.watchRequests(app),
    routes: async (app) => {
      await app.register(pageRoutes, { context });
      await app.register(sandboxRoutes, { prefix: "/sandbox", context });
      await app.register(transferRoutes, { prefix: "/sandbox" });
      await app.register(events.routes, { prefix: "/sandbox" });
      await app.register(partnerRoutes, { prefix: "/sandbox", context, events, issuers });
    },
    explain: (error, request) => explainRefusal({ ...context, masterKey }, error, request.body),
    staticTan: fixedOtp.otp,
    upstream,
  };
}
