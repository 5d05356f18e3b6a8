import { describeError } from "@linchpin/protocols/solaris/errors";
import type { FastifyInstance } from "fastify";
import { authenticatePartner } from "../../authenticate.ts";
import type { House } from "../../house.ts";
import { makeSolarisId } from "../../identifiers.ts";
import { answerErrors, type Explain } from "../answer-errors.ts";
import { requireCaller } from "../caller.ts";
import { solarisChangeRequests } from "./change-requests.ts";
import { solarisDevices } from "./devices.ts";
import { solarisMobileNumbers } from "./mobile-numbers.ts";
import { solarisPins } from "./pins.ts";
import { solarisToken } from "./token.ts";

/** All that stands below `/solaris`. */
export async function solaris(app: FastifyInstance, options: { house: House; explain: Explain }): Promise<void> {
  answerErrors(app, options.explain, (error, explanation) => describeError(error, makeSolarisId("ex"), explanation));
  await app.register(solarisToken, options);
  await app.register(async (protectedApp) => {
    requireCaller(protectedApp, ({ headers }) => authenticatePartner(options.house, "solaris", headers.authorization));
    await protectedApp.register(solarisPins, options);
    await protectedApp.register(solarisChangeRequests, options);
    await protectedApp.register(solarisDevices, options);
    await protectedApp.register(solarisMobileNumbers, options);
  });
}
