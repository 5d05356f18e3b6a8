import { LinchpinError } from "@linchpin/core";
import { answerWith, type KeyWrap, sessionKeyOf } from "@linchpin/protocols/worldline/issuer";
import {
  PinDisplayByPanRequest,
  PinDisplayReply,
  PinDisplayRequest,
  PinSetByPanRequest,
  PinSetReply,
  PinSetRequest,
  PinStateReply,
  PinStateRequest,
  TryCounterResetReply,
} from "@linchpin/protocols/worldline/wire";
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from "fastify";
import Type from "typebox";
import type { Context } from "../../context/index.ts";
import { comparesSecret, partnerOf } from "../../http/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { correlationIdOf } from "./correlation.ts";
import { type CardNaming, namingOfPan, type OfPan } from "./naming.ts";
import { type AskedDisplay, type AskedSet, pinDisplay, pinSet } from "./operations.ts";
import { readPinState } from "./pin-state.ts";
import { resetTryCounter } from "./reset-try-counter.ts";

const issuerId = Type.String({ maxLength: 64 });
const OfIssuer = Type.Object({ issuerId });
const bodyLimit = 8192;

/** How a path names the card, and the shape of its parameters. */
interface Named {
  readonly path: string;
  readonly params: Type.TSchema;
  readonly naming: (params: Record<string, string>) => CardNaming;
  /** Ends the operation's id. */
  readonly by: string;
}

const names: readonly Named[] = [
  {
    path: "/:cardReference",
    params: Type.Object({ issuerId, cardReference: Type.String({ pattern: "^[0-9]{16}$" }) }),
    naming: ({ cardReference = "" }) => ({ cardReference }),
    by: "",
  },
  {
    path: "/external-cards/:issuerCardExternalReference",
    params: Type.Object({ issuerId, issuerCardExternalReference: Type.String({ maxLength: 64 }) }),
    naming: ({ issuerCardExternalReference: externalReference = "" }) => ({ externalReference }),
    by: "OfExternalCard",
  },
];

/** The routes below `/card-issuing/api/v2/issuers/{issuerId}/cards`. */
export async function worldlineCards(
  app: FastifyInstance,
  { context, keyWrap }: { context: Context; keyWrap: KeyWrap },
): Promise<void> {
  const answer = <Data>(request: FastifyRequest, data: Data) =>
    answerWith(data, { correlationId: correlationIdOf(request), at: context.clock() });

  const setPin = async (request: FastifyRequest, set: AskedSet): Promise<PinSetReply> => {
    await runPinOperation(context, pinSet, partnerOf(request), set);
    const { pinBlock, keyId } = set.pinAttribute;
    const echo = { pinBlock, encryptedSessionKey: sessionKeyOf(set.pinAttribute), ...(keyId && { keyId }) };
    return answer(request, { pinAttribute: { pinAlgorithmId: "04", pinBlockFormat: "ISO-4", ...echo } });
  };
  const displayPin = async (request: FastifyRequest, display: AskedDisplay): Promise<PinDisplayReply> =>
    answer(request, {
      externalPinAttribute: await runPinOperation(context, pinDisplay, partnerOf(request), display),
    });

  for (const { path, params, naming, by } of names) {
    const ofCard = (request: FastifyRequest) => ({
      naming: naming(request.params as Record<string, string>),
      keyWrap,
      blockPan: undefined,
    });
    app.post<{ Body: PinSetRequest }>(
      `${path}/pin`,
      {
        bodyLimit,
        config: comparesSecret("pin_reused"),
        preHandler: refuseFilter,
        schema: {
          operationId: `worldlineSetPin${by}`,
          summary: "Set a PIN",
          params,
          body: PinSetRequest,
          response: { 200: PinSetReply },
        },
      },
      (request) => setPin(request, { ...request.body, ...ofCard(request) }),
    );
    app.post<{ Body: PinDisplayRequest }>(
      `${path}/display-pin`,
      {
        bodyLimit,
        preHandler: refuseFilter,
        schema: {
          operationId: `worldlineDisplayPin${by}`,
          summary: "Display a PIN, under the session key that came",
          params,
          body: PinDisplayRequest,
          response: { 200: PinDisplayReply },
        },
      },
      (request) => displayPin(request, { ...request.body, ...ofCard(request) }),
    );
    app.post(
      `${path}/reset-pin-try-counter`,
      {
        bodyLimit,
        preHandler: refuseFilter,
        schema: {
          operationId: `worldlineResetPinTryCounter${by}`,
          summary: "Forget a PIN's wrong tries, and unblock it",
          params,
          body: Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })]),
          response: { 200: TryCounterResetReply },
        },
      },
      async (request): Promise<TryCounterResetReply> => {
        await resetTryCounter(context, partnerOf(request), ofCard(request).naming);
        return answer(request, {});
      },
    );
  }

  const byPan = (body: OfPan) => ({ naming: namingOfPan(body), keyWrap, blockPan: body.pinBlockPan ?? body.pan });
  app.post<{ Body: PinSetByPanRequest }>(
    "/pin",
    {
      bodyLimit,
      config: comparesSecret("pin_reused"),
      schema: {
        operationId: "worldlineSetPinByPan",
        summary: "Set the PIN of the card of a PAN",
        params: OfIssuer,
        body: PinSetByPanRequest,
        response: { 200: PinSetReply },
      },
    },
    (request) => setPin(request, { ...request.body, ...byPan(request.body) }),
  );
  app.post<{ Body: PinDisplayByPanRequest }>(
    "/display-pin",
    {
      bodyLimit,
      schema: {
        operationId: "worldlineDisplayPinByPan",
        summary: "Display the PIN of the card of a PAN, under the session key that came",
        params: OfIssuer,
        body: PinDisplayByPanRequest,
        response: { 200: PinDisplayReply },
      },
    },
    (request) => displayPin(request, { ...request.body, ...byPan(request.body) }),
  );
  app.post<{ Body: PinStateRequest }>(
    "/pin-state",
    {
      bodyLimit,
      schema: {
        operationId: "worldlineGetPinState",
        summary: "Read the state of a PIN",
        params: OfIssuer,
        body: PinStateRequest,
        response: { 200: PinStateReply },
      },
    },
    async (request): Promise<PinStateReply> =>
      answer(request, await readPinState(context, partnerOf(request), request.body)),
  );
}

/** The file has a filter of the answer on paths by reference. */
const refuseFilter: preHandlerAsyncHookHandler = async ({ query }) => {
  if (Object.hasOwn(query as object, "filter"))
    throw new LinchpinError("request_invalid", { field: "filter", reason: "filtering is not implemented" });
};
