import { LinchpinError } from "@linchpin/core";
import {
  type EncryptedPin,
  maxWrappedKeyLength,
  PinGetReply,
  RainConcurrentReply,
  RainErrorReply,
  RainPinSet,
  sessionIdHeader,
} from "@linchpin/protocols/spritz/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { callerOf, comparesSecret } from "../../http/index.ts";
import { answerOnce, type IdempotencyTerms } from "../../idempotency/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { bodyLimit, OfCard } from "./cards.ts";
import { type FormTerms, pinGet, pinSet } from "./operations.ts";

const idempotency: IdempotencyTerms = { maxKeyLength: 64, replayedHeader: "idempotency-cached" };

/** A missing value is refused with Rain's own error before the schema is asked. */
const WithSessionId = Type.Object({
  [sessionIdHeader.toLowerCase()]: Type.String({
    maxLength: maxWrappedKeyLength,
    description: "base64 of the session key under RSAES-OAEP",
  }),
});

const refused = {
  default: {
    description: "Refused, or failed",
    content: { "application/json": { schema: Type.Union([RainErrorReply, RainConcurrentReply]) } },
  },
};

interface RainOptions {
  readonly context: Context;
  readonly terms: FormTerms;
  readonly mayReuseKey: boolean;
}

/** Rain's routes, below `/v1/issuing`. */
export async function rainCards(app: FastifyInstance, { context, terms, mayReuseKey }: RainOptions): Promise<void> {
  const path = "/cards/:cardId/pin";
  app.put<{ Params: OfCard; Body: RainPinSet }>(
    path,
    {
      bodyLimit,
      config: comparesSecret("pin_reused"),
      preValidation: requireSessionId,
      schema: {
        operationId: "rainSetPin",
        summary: "Set a PIN by Rain's form",
        params: OfCard,
        headers: WithSessionId,
        body: RainPinSet,
        response: { 204: { type: "null", description: "Set" }, ...refused },
      },
    },
    (request, reply) => {
      const { encryptedPin } = request.body;
      const key = request.headers["idempotency-key"];
      if (key !== undefined) reply.header("idempotency-key", key.toString());
      const isWellFormed = isSealed(encryptedPin);
      return answerOnce(context, { request, reply, isWellFormed, terms: idempotency }, async (keepAnswer) => {
        const set = { encryptedPin, encryptedKey: sessionIdOf(request), cardName: request.params.cardId, terms };
        await runPinOperation(context, pinSet, callerOf(request), { ...set, keepAnswer });
        return null;
      });
    },
  );

  app.get<{ Params: OfCard }>(
    path,
    {
      preValidation: requireSessionId,
      schema: {
        operationId: "rainGetPin",
        summary: "Reveal a PIN by Rain's form, sealed by the session key that came",
        params: OfCard,
        headers: WithSessionId,
        response: { 200: PinGetReply, ...refused },
      },
    },
    async (request): Promise<PinGetReply> => {
      const encryptedKey = sessionIdOf(request);
      const get = { encryptedKey, cardName: request.params.cardId, terms, mayReuseKey };
      return { encryptedPin: await runPinOperation(context, pinGet, callerOf(request), get) };
    },
  );

  // One integrator sends PATCH, which the vendor's client does not have.
  app.patch(path, { schema: { hide: true } }, (_request, reply) =>
    reply.code(405).header("allow", "GET, PUT").send({
      statusCode: 405,
      error: "Method Not Allowed",
      message: "a PIN is set by PUT",
    }),
  );
}

/** What has another form may be a PIN in clear: nothing is made of it that is kept, not even a hash. */
function isSealed({ iv, data }: EncryptedPin): boolean {
  return iv.length >= 16 && data.length >= 44;
}

/** @throws LinchpinError `header_missing`, `header_blank` */
async function requireSessionId(request: FastifyRequest): Promise<void> {
  sessionIdOf(request);
}

function sessionIdOf({ headers }: FastifyRequest): string {
  const value = headers[sessionIdHeader.toLowerCase()]?.toString();
  if (value === undefined) throw new LinchpinError("header_missing", { field: sessionIdHeader });
  if (value.trim() === "") throw new LinchpinError("header_blank", { field: sessionIdHeader });
  return value;
}
