import type { FastifyInstance } from "fastify";
import { authenticateOperator } from "../../authenticate.ts";
import type { House } from "../../house.ts";
import { answerErrors, type Explain } from "../answer-errors.ts";
import { requireCaller } from "../caller.ts";
import { problemOf } from "../problem.ts";
import { issuerCards } from "./cards.ts";

/** All that stands below `/issuer/v1`. */
export async function issuer(app: FastifyInstance, options: { house: House; explain: Explain }): Promise<void> {
  answerErrors(app, options.explain, (error, explanation) => {
    const body = problemOf(error, explanation);
    return { status: body.status, body };
  });
  requireCaller(app, ({ headers }) => authenticateOperator(options.house, headers.authorization));
  await app.register(issuerCards, options);
}
