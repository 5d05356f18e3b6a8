import { LinchpinError, utf8 } from "@linchpin/core";
import { CardPinReply, CardReply, clientPublicKeyHeader } from "@linchpin/protocols/plumery/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { callerOf } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { cards, cardsPin, type PlumeryReveal } from "./operations.ts";

const OfCard = Type.Object({ token: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }) });
type OfCard = Type.Static<typeof OfCard>;

/** A missing value is refused with Plumery's own error before the schema is asked. */
const WithKey = Type.Object({
  [clientPublicKeyHeader.toLowerCase()]: Type.String({
    description: "base64 of a secp256r1 public key, SPKI in DER or the uncompressed point",
  }),
});

/** The routes by which a device sees its card. `hkdfInfo` is agreed with the partner. */
export async function plumeryCards(
  app: FastifyInstance,
  { context, hkdfInfo }: { context: Context; hkdfInfo: string },
): Promise<void> {
  const revealOf = (request: FastifyRequest<{ Params: OfCard }>): PlumeryReveal => ({
    cardName: request.params.token,
    clientPublicKey: clientPublicKeyOf(request),
    hkdfInfo: utf8(hkdfInfo),
  });

  app.get<{ Params: OfCard }>(
    "/internal/v1/cards/:token/pin",
    {
      preValidation: requireKey,
      schema: {
        operationId: "plumeryGetPin",
        summary: "Reveal a PIN, sealed to the key of the header",
        params: OfCard,
        headers: WithKey,
        response: { 200: CardPinReply },
      },
    },
    async (request): Promise<CardPinReply> => {
      const encryptedPayload = await runPinOperation(context, cardsPin, callerOf(request), revealOf(request));
      return { encryptedPayload };
    },
  );

  app.get<{ Params: OfCard }>(
    "/internal/v1/cards/:token",
    {
      preValidation: requireKey,
      schema: {
        operationId: "plumeryGetCard",
        summary: "Reveal card data, sealed to the key of the header",
        params: OfCard,
        headers: WithKey,
        response: { 200: CardReply },
      },
    },
    async (request): Promise<CardReply> => {
      const revealed = await runPinOperation(context, cards, callerOf(request), revealOf(request));
      return { token: request.params.token, ...revealed };
    },
  );
}

/** @throws LinchpinError `header_missing`, `header_blank`. */
async function requireKey(request: FastifyRequest): Promise<void> {
  clientPublicKeyOf(request);
}

/** Node joins a header that comes twice by a comma, which no base64 has. */
function clientPublicKeyOf({ headers }: FastifyRequest): string {
  const value = headers[clientPublicKeyHeader.toLowerCase()]?.toString();
  if (value === undefined) throw new LinchpinError("header_missing", { field: clientPublicKeyHeader });
  if (value.trim() === "") throw new LinchpinError("header_blank", { field: clientPublicKeyHeader });
  return value;
}
