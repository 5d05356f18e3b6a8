import { LinchpinError } from "@linchpin/core";
import { describeCard } from "@linchpin/protocols/spritz/issuer";
import { CardReply, PinGet, PinGetReply, PinSet, PinSetReply } from "@linchpin/protocols/spritz/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { findNamedCard, withCardData } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";
import { callerOf, comparesSecret } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { type FormTerms, pinGet, pinSet } from "./operations.ts";

export const OfCard = Type.Object({ cardId: Type.String({ pattern: "^[\\w-]{1,64}$" }) });
export type OfCard = Type.Static<typeof OfCard>;

export const bodyLimit = 4096;

interface CardsOptions {
  readonly context: Context;
  readonly terms: FormTerms;
  readonly mayReuseKey: boolean;
}

/** The set has one path on the vendor's page and another in its client's types. */
const setRoutes = [
  { method: "PUT", path: "/v1/cards/:cardId/pin", operationId: "spritzSetPin" },
  { method: "POST", path: "/v1/cards/:cardId/update_pin", operationId: "spritzUpdatePin" },
] as const;

/** Spritz' own routes. */
export async function spritzCards(app: FastifyInstance, { context, terms, mayReuseKey }: CardsOptions): Promise<void> {
  for (const { method, path: url, operationId } of setRoutes)
    app.route<{ Params: OfCard; Body: PinSet }>({
      method,
      url,
      bodyLimit,
      config: comparesSecret("pin_reused"),
      schema: {
        operationId,
        summary: "Set a PIN",
        params: OfCard,
        body: PinSet,
        response: { 200: PinSetReply },
      },
      handler: async (request): Promise<PinSetReply> => {
        const set = { ...request.body, cardName: request.params.cardId, terms, keepAnswer: () => undefined };
        await runPinOperation(context, pinSet, callerOf(request), set);
        return { success: true };
      },
    });

  app.post<{ Params: OfCard; Body: PinGet }>(
    "/v1/cards/:cardId/pin",
    {
      bodyLimit,
      schema: {
        operationId: "spritzGetPin",
        summary: "Reveal a PIN, sealed by the session key that came",
        params: OfCard,
        body: PinGet,
        response: { 200: PinGetReply },
      },
    },
    async (request): Promise<PinGetReply> => {
      const get = { ...request.body, cardName: request.params.cardId, terms, mayReuseKey };
      return { encryptedPin: await runPinOperation(context, pinGet, callerOf(request), get) };
    },
  );

  app.get<{ Params: OfCard }>(
    "/v1/cards/:cardId",
    {
      schema: {
        operationId: "spritzGetCard",
        summary: "Read a card",
        params: OfCard,
        response: { 200: CardReply },
      },
    },
    async (request): Promise<CardReply> => {
      const { cardId } = request.params;
      const { id, state, createdAt } = await findNamedCard(context, callerOf(request), "spritz", cardId);
      return describeCard({ id: cardId, state, createdAt, lastDigits: await lastDigitsOf(context, id) });
    },
  );
}

/** The four that stand on receipts; empty for a card whose number is not here. */
async function lastDigitsOf(context: Context, cardId: string): Promise<string> {
  try {
    return await withCardData(context, cardId, async ({ pan }) => Buffer.from(pan.subarray(-4)).toString());
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "card_data_not_set") return "";
    throw error;
  }
}
