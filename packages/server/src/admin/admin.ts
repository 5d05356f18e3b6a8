import type { FastifyInstance } from "fastify";
import { authenticateOperator } from "../callers/authenticate.ts";
import type { House } from "../context/context.ts";
import { answerErrors, type Explain } from "../http/answer-errors.ts";
import { requireCaller } from "../http/caller.ts";
import { forbidCaching } from "../http/forbid-caching.ts";
import { describeProblem } from "../http/problem.ts";
import { issuerAuditEvents } from "./audit-events.ts";
import { issuerCardData } from "./card-data.ts";
import { issuerCards } from "./cards.ts";
import { issuerKeys } from "./keys.ts";
import { issuerOperators } from "./operators.ts";
import { issuerPartners } from "./partners.ts";
import { issuerPersons } from "./persons.ts";
import { issuerPins } from "./pins.ts";
import { issuerPrograms } from "./programs.ts";

/** All that stands below `/issuer/v1`. */
export async function issuer(
  app: FastifyInstance,
  { house, explain }: { house: House; explain: Explain },
): Promise<void> {
  answerErrors(app, explain, describeProblem);
  requireCaller(app, ({ headers }) => authenticateOperator(house, headers.authorization));
  forbidCaching(app);
  await app.register(issuerOperators, { house });
  await app.register(issuerPartners, { house });
  await app.register(issuerPrograms, { house });
  await app.register(issuerPersons, { house });
  await app.register(issuerCards, { house });
  await app.register(issuerCardData, { house });
  await app.register(issuerPins, { house });
  await app.register(issuerKeys, { house });
  await app.register(issuerAuditEvents, { house });
}
