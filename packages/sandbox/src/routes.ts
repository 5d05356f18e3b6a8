import { LinchpinError } from "@linchpin/core";
import { type Context, forbidCaching, orProblem, type Protocol } from "@linchpin/server/issuer";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { Description } from "./control/shapes.ts";
import { type SandboxDescription, sandboxProtocols } from "./protocol-table.ts";
import { originOf, readRoots, withPan } from "./read-origin.ts";
import type { DescribedCard } from "./sandbox-protocol.ts";
import { sandboxCard, sandboxNames } from "./seed.ts";

type OfPerson = Type.Static<typeof OfPerson>;
const OfPerson = Type.Object({ person_id: Type.String({ maxLength: 64 }) });

/** What a stranger needs to try everything: addresses, credentials and names. */
export async function sandboxRoutes(
  app: FastifyInstance,
  { context, protocols }: { context: Context; protocols: readonly Protocol[] },
): Promise<void> {
  forbidCaching(app);
  app.get(
    "/",
    {
      schema: {
        operationId: "sandboxDescribe",
        summary: "Base URLs, credentials and names of the sandbox's card",
        response: { 200: Description, ...orProblem },
      },
    },
    async () => {
      await readRoots(context);
      return describeSandbox(context, protocols, await withPan(context, sandboxCard));
    },
  );

  app.get<{ Params: OfPerson }>(
    "/persons/:person_id",
    {
      schema: {
        operationId: "sandboxGetPerson",
        summary: "A person of the sandbox, with their newest card, as `POST /sandbox/cards` described them",
        params: OfPerson,
        response: { 200: Description, ...orProblem },
      },
    },
    async (request) => {
      const [card] = await context.store.listCardsOfPerson(request.params.person_id);
      if (card === undefined) throw new LinchpinError("person_unknown");
      const { id: cardId, person, names } = card;
      const mobileNumber = person.mobileNumber?.number ?? "";
      await readRoots(context);
      const named = { cardId, personId: person.id, mobileNumber, names };
      return describeSandbox(context, protocols, await withPan(context, named));
    },
  );
}

/** What `GET /sandbox` answers. The keys are as `readRoots` read them last. */
export function describeSandbox(
  context: Context,
  protocols: readonly Protocol[],
  card: DescribedCard,
): SandboxDescription {
  const origin = context.publicUrl();
  const described = sandboxProtocols.flatMap(({ name, describe }) => {
    const enabled = protocols.find((protocol) => protocol.name === name);
    return enabled === undefined ? [] : [[name, describe(`${origin}${enabled.prefix}`, card, originOf(context))]];
  });
  return {
    ...(Object.fromEntries(described) as Omit<SandboxDescription, "issuer">),
    issuer: { baseUrl: `${origin}/issuer/v1`, apiKey: sandboxNames.operatorApiKey, cardId: card.cardId },
  };
}
