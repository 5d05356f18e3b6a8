import { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { Card } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Caller, Context } from "../context/context.ts";
import { callerOf } from "../http/caller.ts";
import { orProblem } from "../http/problem.ts";
import { noteRefusal } from "../http/refusals.ts";
import { generatePin } from "../pin/generate-pin.ts";
import { runPinOperation } from "../pin/pin-operation.ts";
import { reportChipSynced } from "../pin/report-chip-synced.ts";
import { unblockPin } from "../pin/unblock-pin.ts";
import { issuerPinVerify } from "../steps/step-table.ts";
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

/** What the operator does to a card's PIN. */
export async function issuerPins(app: FastifyInstance, { context }: { context: Context }): Promise<void> {
  app.post<{ Params: OfId; Body: SealedPinRequest }>(
    "/cards/:id/pin/verify",
    {
      schema: {
        summary: "Verify a sealed PIN; wrong ones count",
        params: OfId,
        body: SealedPinRequest,
        response: { 200: VerificationReply, ...orProblem },
      },
    },
    async (request) => {
      const asked = { ...request.body, cardName: request.params.id };
      const answer = await runPinOperation(context, issuerPinVerify, callerOf(request), asked);
      if (answer.result !== "match") noteRefusal(request, answer.result);
      return answer;
    },
  );

  app.post<{ Params: OfId; Body: ChipReport }>(
    "/cards/:id/pin/chip-synced",
    {
      schema: {
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

  for (const [name, { summary, change }] of Object.entries(changes))
    app.post<{ Params: OfId }>(
      `/cards/:id/pin/${name}`,
      { schema: { summary, params: OfId, body: NoBody, response: { 200: CardReply, ...orProblem } } },
      async (request) => describeCard(await change(context, callerOf(request), request.params.id)),
    );
}

/** Those that are asked by their path alone. */
const changes: Readonly<
  Record<string, { summary: string; change: (context: Context, caller: Caller, cardId: string) => Promise<Card> }>
> = {
  unblock: { summary: "Unblock the PIN", change: unblockPin },
  generate: { summary: "Make a random PIN, which goes out by letter", change: generatePin },
};
