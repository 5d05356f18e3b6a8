import { LinchpinError } from "@linchpin/core";
import { CardCreate, CardReply, CardUpdate, ErrorReply } from "@linchpin/protocols/lithic/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { comparesSecret, partnerOf, refusalOf } from "../../http/index.ts";
import { answerOnce, type KeptAnswer } from "../../idempotency/index.ts";
import { createCard } from "./create-card.ts";
import { keptUnlessChanged, lithicIdempotency as terms } from "./idempotency.ts";
import { readCard, updateCard } from "./update-card.ts";

const OfCard = Type.Object({ card_token: Type.String({ maxLength: 64 }) });
type OfCard = Type.Static<typeof OfCard>;

const bodyLimit = 4096;

/** The routes of cards. `programId`: the program of created cards; null: none are created. */
export async function lithicCards(
  app: FastifyInstance,
  { context, programId }: { context: Context; programId: string | null },
): Promise<void> {
  refuseUnknownParameters(app);
  app.post<{ Body: CardCreate }>(
    "/v1/cards",
    {
      bodyLimit,
      schema: {
        operationId: "lithicCreateCard",
        summary: "Create a card, with a PIN or without",
        body: CardCreate,
        response: { 201: CardReply, 409: ErrorReply },
      },
    },
    (request, reply) => {
      const { body: create } = request;
      const caller = partnerOf(request);
      const judge = (kept: KeptAnswer) => keptUnlessChanged(context, { caller, kept, requestId: request.id });
      return answerOnce(context, { request, reply, isWellFormed: isSealed(create), terms, judge }, (keepAnswer) =>
        createCard(context, { caller, create, programId, keepAnswer }),
      );
    },
  );

  const path = "/v1/cards/:card_token";
  app.get<{ Params: OfCard }>(
    path,
    { schema: { operationId: "lithicGetCard", summary: "Read a card", params: OfCard, response: { 200: CardReply } } },
    (request) => readCard(context, partnerOf(request), request.params.card_token),
  );
  app.patch<{ Params: OfCard; Body: CardUpdate }>(
    path,
    {
      bodyLimit,
      config: comparesSecret("pin_reused"),
      schema: {
        operationId: "lithicUpdateCard",
        summary: "Change a card's PIN, unblock it, or pause, open or close the card",
        params: OfCard,
        body: CardUpdate,
        response: { 200: CardReply },
      },
    },
    (request) => {
      const { params, body: update } = request;
      return updateCard(context, partnerOf(request), { cardName: params.card_token, update });
    },
  );

  // A client whose request is under way may send it again: what it answers then is the same.
  app.addHook("onSend", async (request, reply) => {
    if (refusalOf(request) === "conflict") reply.header("x-should-retry", "true");
  });
}

/** What has another form may be a PIN in clear: nothing is made of it that is kept, not even a hash. */
function isSealed({ pin }: Pick<CardCreate, "pin">): boolean {
  return pin === undefined || /^[A-Za-z0-9+/]{683}=$/.test(pin);
}

/** A query parameter and a member that the vendor's client has not are refused by name. */
function refuseUnknownParameters(app: FastifyInstance): void {
  app.addHook("preValidation", async ({ query, body, routeOptions: { schema } }) => {
    const { properties = {} } = (schema?.body ?? {}) as { properties?: object };
    const [parameter] = Object.keys(Object(query));
    if (parameter !== undefined) throw unknownParameter(parameter, "query");
    const member = Object.keys(Object(body)).find((name) => !Object.hasOwn(properties, name));
    if (member !== undefined) throw unknownParameter(member, "body");
  });
}

function unknownParameter(name: string, place: "query" | "body"): LinchpinError {
  // What does not look like a parameter's name may be a PIN in the wrong place.
  const field = /^[a-z_]{1,40}$/.test(name) ? name : place;
  return new LinchpinError("request_invalid", { field, reason: "there is no parameter of this name" });
}
