import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { findCard, makeCard, nameCard, setCardState } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, orProblem } from "../http/index.ts";
import { CardReply, describeCard } from "./describe-card.ts";
import { Identifier, OfId, object } from "./shapes.ts";

/** `protocols`: those in which a card has an identifier. */
const newCardShape = (protocols: readonly string[]) => {
  const names = object(Object.fromEntries(protocols.map((protocol) => [protocol, Type.Optional(Identifier)])));
  return object({ personId: Identifier, programId: Identifier, names: Type.Optional(names) });
};
interface NewCard {
  readonly personId: string;
  readonly programId: string;
  readonly names?: Readonly<Record<string, string>>;
}

const Names = object({ names: Type.Record(Type.String(), Type.String()) });

const NewName = object({ protocol: Identifier, name: Type.Optional(Identifier) });
interface NewName {
  readonly protocol: string;
  readonly name?: string;
}

const MadeCard = object({
  ...CardReply.properties,
  personId: Type.String(),
  programId: Type.String(),
  ...Names.properties,
});

const NewState = object({ state: Type.Enum(["active", "blocked", "terminated"]) });
type NewState = Type.Static<typeof NewState>;

export async function issuerCards(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  const body = newCardShape(Object.keys(context.cardNameMakers));
  app.post<{ Body: NewCard }>(
    "/cards",
    { schema: { operationId: "makeCard", summary: "Make a card", body, response: { 201: MadeCard, ...orProblem } } },
    async (request, reply) => {
      const { personId, programId, names = {} } = request.body;
      const card = await makeCard(context, callerOf(request), { personId, programId, names });
      return reply.code(201).send({ ...describeCard(card), personId, programId, names: card.names });
    },
  );

  app.post<{ Params: OfId; Body: NewName }>(
    "/cards/:id/names",
    {
      schema: {
        operationId: "nameCard",
        summary: "Name a card in a protocol that moved in after it was made",
        params: OfId,
        body: NewName,
        response: { 201: Names, ...orProblem },
      },
    },
    async (request, reply) => {
      const { protocol, name } = request.body;
      const { names } = await nameCard(context, callerOf(request), { cardId: request.params.id, protocol, name });
      return reply.code(201).send({ names });
    },
  );

  app.get<{ Params: OfId }>(
    "/cards/:id",
    {
      schema: {
        operationId: "getCard",
        summary: "A card and the state of its PIN",
        params: OfId,
        response: { 200: CardReply, ...orProblem },
      },
    },
    async (request) => describeCard(await findCard(context, request.params.id)),
  );

  app.patch<{ Params: OfId; Body: NewState }>(
    "/cards/:id",
    {
      schema: {
        operationId: "updateCard",
        summary: "Block, unblock or terminate a card",
        params: OfId,
        body: NewState,
        response: { 200: CardReply, ...orProblem },
      },
    },
    async (request) => {
      const change = { cardId: request.params.id, state: request.body.state };
      return describeCard(await setCardState(context, callerOf(request), change));
    },
  );
}
