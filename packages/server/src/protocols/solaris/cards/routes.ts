import { CardOrderRequest, CardReply } from "@linchpin/protocols/solaris/wire";
import type { OrderDetails } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../../context/index.ts";
import { partnerOf } from "../../../http/index.ts";
import { describeCard } from "./describe-card.ts";
import { orderCard } from "./order-card.ts";

const identifier = Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });
const OfAccount = Type.Object({ person_id: identifier, account_id: identifier });
type OfAccount = Type.Static<typeof OfAccount>;

/** Cards that partners order. `programId`: the program of ordered cards; null: none are ordered. */
export async function solarisCards(
  app: FastifyInstance,
  { context, programId }: { context: Context; programId: string | null },
): Promise<void> {
  app.post<{ Params: OfAccount; Body: CardOrderRequest }>(
    "/v1/persons/:person_id/accounts/:account_id/cards",
    {
      schema: {
        operationId: "solarisOrderCard",
        summary: "Order a card, with its first PIN where one is sent",
        params: OfAccount,
        body: CardOrderRequest,
        response: { 201: CardReply },
      },
    },
    async (request, reply): Promise<CardReply> => {
      const { encrypted_pin, key_id, ...others } = request.body;
      const { person_id: personId, account_id } = request.params;
      const details: OrderDetails = { account_id, ...others };
      const sealedPin = {
        ...(encrypted_pin === undefined ? {} : { encrypted_pin }),
        ...(key_id === undefined ? {} : { key_id }),
      };
      const card = await orderCard(context, partnerOf(request), { personId, programId, details, ...sealedPin });
      reply.code(201);
      return describeCard(card, details);
    },
  );
}
