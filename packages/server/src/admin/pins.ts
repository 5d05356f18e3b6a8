import { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { findCard } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { callerOf, comparesSecret, noteRefusal, orProblem } from "../http/index.ts";
import { pinGenerate, pinVerify, reportChipSynced, runPinOperation, unblockPin } from "../pin/index.ts";
import { CardReply, describeCard } from "./describe-card.ts";
import { NoBody, OfId, object } from "./shapes.ts";

const VerificationReply = object({
  result: Type.Enum(["match", "mismatch", "blocked"]),
  remainingAttempts: Type.Integer(),
});

const ChipReport = Type.Union([
  Type.Null(),
  object({
    version: Type.Optional(Type.Integer({ minimum: 1, description: "of the PIN on the chip; the current one" })),
  }),
]);
type ChipReport = Type.Static<typeof ChipReport>;

/** The operator's operations on a card's PIN. */
export async function issuerPins(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.post<{ Params: OfId; Body: SealedPinRequest }>(
    "/cards/:id/pin/verify",
    {
      config: comparesSecret("mismatch"),
      schema: {
        operationId: "verifyPin",
        summary: "Verify a sealed PIN; wrong ones count",
        params: OfId,
        body: SealedPinRequest,
        response: { 200: VerificationReply, ...orProblem },
      },
    },
    async (request) => {
      const asked = { ...request.body, cardId: request.params.id };
      const answer = await runPinOperation(context, pinVerify, callerOf(request), asked);
      if (answer.result !== "match") noteRefusal(request, answer.result);
      return answer;
    },
  );

  app.post<{ Params: OfId; Body: ChipReport }>(
    "/cards/:id/pin/chip-synced",
    {
      schema: {
        operationId: "reportChipSynced",
        summary: "Report the PIN that the card's chip holds",
        params: OfId,
        body: ChipReport,
        response: { 200: CardReply, ...orProblem },
      },
    },
    async (request) => {
      const report = { cardId: request.params.id, version: request.body?.version ?? null };
      return describeCard(await reportChipSynced(context, callerOf(request), report));
    },
  );

  app.post<{ Params: OfId }>(
    "/cards/:id/pin/unblock",
    {
      schema: {
        operationId: "unblockPin",
        summary: "Unblock the PIN",
        params: OfId,
        body: NoBody,
        response: { 200: CardReply, ...orProblem },
      },
    },
    async (request) => describeCard(await unblockPin(context, callerOf(request), request.params.id)),
  );

  app.post<{ Params: OfId }>(
    "/cards/:id/pin/generate",
    {
      schema: {
        operationId: "generatePin",
        summary: "Make a random PIN, which goes out by letter",
        params: OfId,
        body: NoBody,
        response: { 200: CardReply, ...orProblem },
      },
    },
    async (request) => {
      await runPinOperation(context, pinGenerate, callerOf(request), { cardId: request.params.id });
      return describeCard(await findCard(context, request.params.id));
    },
  );
}
