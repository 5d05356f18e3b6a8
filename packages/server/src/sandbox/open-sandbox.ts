import type { House } from "../house.ts";
import { explainRefusal } from "./explain.ts";
import { sandboxRoutes } from "./routes.ts";
import type { Sandbox } from "./sandbox.ts";
import { seedSandbox } from "./seed.ts";

/** Seeds the store and opens what only a sandbox has. */
export async function openSandbox(house: House): Promise<Sandbox> {
  await seedSandbox(house);
  return {
    routes: (app) => sandboxRoutes(app, { house }),
    explain: (error, request) => explainRefusal(house, error, request.body),
  };
}
