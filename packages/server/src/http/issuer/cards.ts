import { ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { Card } from "@linchpin/store";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { House } from "../../house.ts";
import { runPinOperation } from "../../pin-operation.ts";
import { settingsOf } from "../../program-settings.ts";
import { issuerPinVerify } from "../../step-table.ts";
import { findCard } from "../../steps/find-card.ts";
import { callerOf } from "../caller.ts";

const OfCard = Type.Object({ id: Type.String({ maxLength: 64 }) });
type OfCard = Type.Static<typeof OfCard>;

const CardReply = Type.Object({
  id: Type.String(),
  state: Type.Enum(["active", "blocked", "terminated"]),
  pin: Type.Object({
    status: Type.Enum(["not_set", "active", "blocked"]),
    remainingAttempts: Type.Integer(),
    version: Type.Integer(),
    chip: Type.Enum(["in_sync", "pending"]),
  }),
});
type CardReply = Type.Static<typeof CardReply>;

const VerificationReply = Type.Object({
  result: Type.Enum(["match", "mismatch", "blocked"]),
  remainingAttempts: Type.Integer(),
});

export async function issuerCards(app: FastifyInstance, { house }: { house: House }): Promise<void> {
  app.get<{ Params: OfCard }>(
    "/cards/:id",
    { schema: { params: OfCard, response: { 200: CardReply } } },
    async (request) => describeCard(await findCard(house, request.params.id)),
  );

  app.post<{ Params: OfCard; Body: ScaPinUpdateRequest }>(
    "/cards/:id/pin/verify",
    { schema: { params: OfCard, body: ScaPinUpdateRequest, response: { 200: VerificationReply } } },
    (request) =>
      runPinOperation(house, issuerPinVerify, callerOf(request), { ...request.body, cardName: request.params.id }),
  );
}

function describeCard(card: Card): CardReply {
  const { status, version, failures, chipVersion } = card.pin;
  const { triesAllowed } = settingsOf(card.program);
  return {
    id: card.id,
    state: card.state,
    pin: {
      status,
      remainingAttempts: status === "blocked" ? 0 : Math.max(0, triesAllowed - failures),
      version,
      chip: chipVersion === version ? "in_sync" : "pending",
    },
  };
}
