import { utf8 } from "@linchpin/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { setCardData } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { NoContent, OfId, object } from "./shapes.ts";

const NewCardData = object({
  pan: Type.String({ pattern: "^[0-9]{12,19}$", description: "12 to 19 digits, the last by ISO/IEC 7812-1 Annex B" }),
  cvv2: Type.String({ pattern: "^[0-9]{3,4}$" }),
  expiration: object({
    month: Type.Integer({ minimum: 1, maximum: 12 }),
    year: Type.Integer({ minimum: 2000, maximum: 2099 }),
  }),
});
type NewCardData = Type.Static<typeof NewCardData>;

/** Goes in here and never comes out: the protocols reveal it to the cardholder's device alone. */
export async function issuerCardData(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.put<{ Params: OfId; Body: NewCardData }>(
    "/cards/:id/data",
    {
      schema: {
        operationId: "setCardData",
        summary: "Set PAN, CVV2 and expiration date",
        params: OfId,
        body: NewCardData,
        response: { 204: NoContent, ...orProblem },
      },
    },
    async (request, reply) => {
      const { pan, cvv2, expiration } = request.body;
      const data = { pan: utf8(pan), cvv2: utf8(cvv2), expiration };
      try {
        await setCardData(context, callerOf(request), { cardId: request.params.id, data });
      } finally {
        data.pan.fill(0);
        data.cvv2.fill(0);
      }
      return reply.code(204).send();
    },
  );
}
