import { pinKeyOf } from "@linchpin/protocols/solaris/issuer";
import { ChangeRequestReply, PinKey, PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { findNamedCard } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";
import { callerOf, comparesSecret } from "../../http/index.ts";
import { publicKeyOf } from "../../keys/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { describeChangeRequest } from "./change-requests/describe-change-request.ts";
import { pinUpdate, scaPinUpdate } from "./operations.ts";

const OfCard = Type.Object({ card_account_id: Type.String({ maxLength: 64 }) });
type OfCard = Type.Static<typeof OfCard>;
const NoContent = Type.Null();

/** RFC 9745: seconds since 1970 at which the route was deprecated. The vendor names no day; this is 1 January 2024. */
const deprecatedSince = "@1704067200";

/** The PIN's key and its two ways to change. */
export async function solarisPins(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.get(
    "/v1/cards/pin_keys/latest",
    {
      schema: {
        operationId: "solarisGetPinKey",
        summary: "The latest key to seal a PIN to",
        response: { 200: PinKey },
      },
    },
    () => latestPinKey(context),
  );

  app.get<{ Params: OfCard }>(
    "/v1/cards/:card_account_id/pin_keys/latest",
    {
      schema: {
        operationId: "solarisGetPinKeyOfCard",
        summary: "The latest key to seal a card's PIN to",
        params: OfCard,
        response: { 200: PinKey },
        deprecated: true,
      },
    },
    async (request, reply) => {
      await findNamedCard(context, callerOf(request), "solaris", request.params.card_account_id);
      reply.header("deprecation", deprecatedSince);
      return latestPinKey(context);
    },
  );

  app.post<{ Params: OfCard; Body: PinUpdateRequest }>(
    "/v1/cards/:card_account_id/pin_update_requests",
    {
      config: comparesSecret("pin_reused"),
      schema: {
        operationId: "solarisChangePin",
        summary: "Change the PIN, signed by a device",
        params: OfCard,
        body: PinUpdateRequest,
        response: { 204: NoContent },
      },
    },
    async (request, reply) => {
      await runPinOperation(context, pinUpdate, callerOf(request), {
        ...request.body,
        cardName: request.params.card_account_id,
      });
      return reply.code(204).send();
    },
  );

  app.post<{ Params: OfCard; Body: ScaPinUpdateRequest }>(
    "/v1/cards/:card_account_id/sca_pin_update_requests",
    {
      schema: {
        operationId: "solarisRequestPinChange",
        summary: "Ask for a change of the PIN that the person confirms",
        params: OfCard,
        body: ScaPinUpdateRequest,
        response: { 200: ChangeRequestReply },
      },
    },
    async (request): Promise<ChangeRequestReply> => {
      const changeRequest = await runPinOperation(context, scaPinUpdate, callerOf(request), {
        ...request.body,
        cardName: request.params.card_account_id,
      });
      return describeChangeRequest(context, changeRequest);
    },
  );
}

async function latestPinKey(context: Context): Promise<PinKey> {
  const key = await context.keyring.current("solaris-pin");
  const { n = "", e = "" } = publicKeyOf(key).export({ format: "jwk" });
  return pinKeyOf(key.id, { n, e });
}
