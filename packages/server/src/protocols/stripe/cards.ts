import type { StripeSandbox } from "@linchpin/protocols/stripe/issuer";
import { CardCreate, CardReply, CardUpdate } from "@linchpin/protocols/stripe/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { comparesSecret, partnerOf } from "../../http/index.ts";
import { answerOnce, type IdempotencyTerms } from "../../idempotency/index.ts";
import { createCard } from "./create-card.ts";
import { readCard, updateCard } from "./update-card.ts";

const OfCard = Type.Object({ id: Type.String({ maxLength: 64 }) });
type OfCard = Type.Static<typeof OfCard>;

const terms: IdempotencyTerms = { maxKeyLength: 255, replayedHeader: "idempotent-replayed" };
const consumes = ["application/x-www-form-urlencoded"];

/** The routes of cards. `programId`: the program of created cards; null: none are created. */
export async function stripeCards(
  app: FastifyInstance,
  { context, programId, sandbox }: { context: Context; programId: string | null; sandbox: StripeSandbox | null },
): Promise<void> {
  const isLive = sandbox === null;
  app.post<{ Body: CardCreate }>(
    "/v1/issuing/cards",
    {
      schema: {
        operationId: "stripeCreateCard",
        summary: "Create a card, with its first PIN",
        consumes,
        body: CardCreate,
        response: { 200: CardReply },
      },
    },
    (request, reply) => {
      const create = request.body;
      const firstPin = sandbox?.firstPin ?? null;
      return answerOnce(context, { request, reply, isWellFormed: isSealed(create), terms }, (keepAnswer) =>
        createCard(context, { caller: partnerOf(request), create, programId, firstPin, isLive, keepAnswer }),
      );
    },
  );

  const path = "/v1/issuing/cards/:id";
  app.get<{ Params: OfCard }>(
    path,
    { schema: { operationId: "stripeGetCard", summary: "Read a card", params: OfCard, response: { 200: CardReply } } },
    (request) => readCard(context, partnerOf(request), { cardName: request.params.id, isLive }),
  );
  app.post<{ Params: OfCard; Body: CardUpdate }>(
    path,
    {
      config: comparesSecret("pin_reused"),
      schema: {
        operationId: "stripeUpdateCard",
        summary: "Change a card's PIN, or stop, activate, unblock or cancel it",
        consumes,
        params: OfCard,
        body: CardUpdate,
        response: { 200: CardReply },
      },
    },
    (request, reply) => {
      const { params, body: update } = request;
      return answerOnce(context, { request, reply, isWellFormed: isSealed(update), terms }, (keepAnswer) =>
        updateCard(context, partnerOf(request), { cardName: params.id, update, isLive, keepAnswer }),
      );
    },
  );
}

/** What has another form may be a PIN in clear: nothing is made of it that is kept, not even a hash. */
function isSealed({ pin }: Pick<CardUpdate, "pin">): boolean {
  return pin === undefined || /^([\w-]+\.){4}[\w-]+$/.test(pin.encrypted_number);
}
