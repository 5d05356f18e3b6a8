import { type Context, forbidCaching, openMessage, type Protocol } from "@linchpin/server/issuer";
import type { OutboxEntry } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { type SandboxDescription, sandboxProtocols } from "./protocol-table.ts";
import type { SandboxCard } from "./sandbox-protocol.ts";
import { makeSandboxCard, sandboxCard, sandboxNames } from "./seed.ts";

const text = Type.String();
/** `SandboxDescription`, whatever protocols there are. */
const Description = Type.Record(text, Type.Record(text, text));

const Messages = Type.Array(Type.Object({ to: text, channel: text, text, sentAt: text }));
/** `_` is what React Native's `fetch` adds. A misspelt `to` is refused, as it would list what went to everybody. */
const MessagesQuery = Type.Object({ to: Type.Optional(text), _: Type.Optional(text) }, { additionalProperties: false });
const maxMessages = 1000;

/** What a stranger needs to try everything: credentials, names, and the messages that went out. */
export async function sandboxRoutes(
  app: FastifyInstance,
  { context, protocols }: { context: Context; protocols: readonly Protocol[] },
): Promise<void> {
  forbidCaching(app);
  app.get("/", { schema: { response: { 200: Description } } }, () => describeSandbox(context, protocols, sandboxCard));

  app.post("/cards", { schema: { response: { 201: Description } } }, async (_request, reply) => {
    reply.code(201);
    return describeSandbox(context, protocols, await makeSandboxCard(context));
  });

  app.get<{ Querystring: Type.Static<typeof MessagesQuery> }>(
    "/messages",
    { schema: { querystring: MessagesQuery, response: { 200: Messages } } },
    async (request) => {
      const entries = await context.store.listMessages(request.query.to ?? null, maxMessages);
      return Promise.all(
        entries.map(async (entry) => ({
          to: entry.recipient ?? "",
          channel: entry.channel ?? "",
          text: await messageText(context, entry),
          sentAt: entry.createdAt.toISOString(),
        })),
      );
    },
  );
}

/** A string, as the sandbox shows it to whoever asks. */
async function messageText(context: Context, entry: OutboxEntry): Promise<string> {
  const bytes = await openMessage(context, entry);
  const text = new TextDecoder().decode(bytes);
  bytes.fill(0);
  return text;
}

/** What `GET /sandbox` answers. */
export function describeSandbox(
  context: Context,
  protocols: readonly Protocol[],
  card: SandboxCard,
): SandboxDescription {
  const origin = context.publicUrl();
  const described = sandboxProtocols.map(({ name, describe }) => {
    const prefix = protocols.find((protocol) => protocol.name === name)?.prefix ?? "";
    return [name, describe(`${origin}${prefix}`, card)];
  });
  return {
    ...(Object.fromEntries(described) as Omit<SandboxDescription, "issuer">),
    issuer: { baseUrl: `${origin}/issuer/v1`, apiKey: sandboxNames.operatorApiKey, cardId: card.cardId },
  };
}
