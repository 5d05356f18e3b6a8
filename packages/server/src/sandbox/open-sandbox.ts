import type { House } from "../house.ts";
import { explainRefusal } from "./explain.ts";
import { fixedOtp } from "./fixed-otp.ts";
import { sandboxRoutes } from "./routes.ts";
import type { Sandbox } from "./sandbox.ts";
import { seedSandbox } from "./seed.ts";
import { transferUpstream } from "./transfer-upstream.ts";

export { makeSandboxOtp, sandboxMaxOtpsPerHour } from "./fixed-otp.ts";

/** Seeds the store and opens what only a sandbox has. The master key is for its explanations. */
export async function openSandbox(house: House, masterKey: Uint8Array): Promise<Sandbox> {
  await seedSandbox(house);
  const { upstream, routes: transferRoutes } = transferUpstream(house);
  return {
    routes: async (app) => {
      await sandboxRoutes(app, { house });
      await transferRoutes(app);
    },
    explain: (error, request) => explainRefusal({ ...house, masterKey }, error, request.body),
    staticTan: fixedOtp.otp,
    upstream,
  };
}
