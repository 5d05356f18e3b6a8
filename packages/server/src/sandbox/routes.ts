import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { House } from "../house.ts";
import { openMessage } from "../messages.ts";
import { makeSandboxCard, type SandboxCard, sandboxCard, sandboxNames } from "./seed.ts";

const text = Type.String();
const SandboxDescription = Type.Object({
  solaris: Type.Object({
    baseUrl: text,
    clientId: text,
    clientSecret: text,
    personId: text,
    cardAccountId: text,
    mobileNumber: text,
  }),
  issuer: Type.Object({ baseUrl: text, apiKey: text, cardId: text }),
});
type SandboxDescription = Type.Static<typeof SandboxDescription>;

const Messages = Type.Array(Type.Object({ to: text, channel: text, text, sentAt: text }));
const MessagesQuery = Type.Object({ to: Type.Optional(text) }, { additionalProperties: false });
const maxMessages = 1000;

/** What a stranger needs to try everything: credentials, names, and the messages that went out. */
export async function sandboxRoutes(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.get("/", { schema: { response: { 200: SandboxDescription } } }, () => describe(house, sandboxCard));

  app.post("/cards", { schema: { response: { 201: SandboxDescription } } }, async (_request, reply) => {
    reply.code(201);
    return describe(house, await makeSandboxCard(house));
  });

  app.get<{ Querystring: Type.Static<typeof MessagesQuery> }>(
    "/messages",
    { schema: { querystring: MessagesQuery, response: { 200: Messages } } },
    async (request) => {
      const entries = await house.store.listMessages(request.query.to ?? null, maxMessages);
      return Promise.all(
        entries.map(async (entry) => ({
          to: entry.recipient ?? "",
          channel: entry.channel ?? "",
          text: Buffer.from(await openMessage(house, entry)).toString("utf8"),
          sentAt: entry.createdAt.toISOString(),
        })),
      );
    },
  );
}

function describe(house: House, card: SandboxCard): SandboxDescription {
  return {
    solaris: {
      baseUrl: `${house.publicUrl()}/solaris`,
      clientId: sandboxNames.solarisClientId,
      clientSecret: sandboxNames.solarisClientSecret,
      personId: card.personId,
      cardAccountId: card.names["solaris"] ?? "",
      mobileNumber: card.mobileNumber,
    },
    issuer: {
      baseUrl: `${house.publicUrl()}/issuer/v1`,
      apiKey: sandboxNames.operatorApiKey,
      cardId: card.cardId,
    },
  };
}
