import type { FastifyInstance } from "fastify";
import { authenticateOperator } from "../callers/index.ts";
import type { Context } from "../context/index.ts";
import { answerErrors, describeProblem, type Explain, forbidCaching, requireCaller } from "../http/index.ts";
import type { Protocol } from "../protocol.ts";
import { issuerAuditEvents } from "./audit-events.ts";
import { issuerCardData } from "./card-data.ts";
import { issuerCards } from "./cards.ts";
import { issuerKeys } from "./keys.ts";
import { issuerOperators } from "./operators.ts";
import { issuerPartners } from "./partners.ts";
import { issuerPersons } from "./persons.ts";
import { issuerPins } from "./pins.ts";
import { issuerPrograms } from "./programs.ts";

/** The answer to an operator says why a change is not possible, as in "try again in 48 s": in production too. */
function explainConflicts(explain: Explain): Explain {
  return async (error, request) =>
    (await explain(error, request)) ?? (error.code === "conflict" ? error.reason : undefined);
}

/** All that stands below `/issuer/v1`. */
export async function issuer(
  app: FastifyInstance,
  { context, protocols, explain }: { context: Context; protocols: readonly Protocol[]; explain: Explain },
): Promise<void> {
  answerErrors(app, explainConflicts(explain), describeProblem);
  requireCaller(app, ({ headers }) => authenticateOperator(context, headers.authorization));
  forbidCaching(app);
  await app.register(issuerOperators, { context });
  await app.register(issuerPartners, { context, protocols });
  await app.register(issuerPrograms, { context });
  await app.register(issuerPersons, { context });
  await app.register(issuerCards, { context });
  await app.register(issuerCardData, { context });
  await app.register(issuerPins, { context });
  await app.register(issuerKeys, { context });
  await app.register(issuerAuditEvents, { context });
}
