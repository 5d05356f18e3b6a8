import { LinchpinError, type Pin } from "@linchpin/core";
import type { Card, ChangeRequest, ReplayMark } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../../../audit/index.ts";
import type { Context } from "../../../context/index.ts";
import { makeSolarisId } from "../../../identifiers.ts";
import { sealRequestedPin } from "../../../pin/index.ts";

const lifetimeMs = 5 * 60 * 1000;

/**
 * Stores a checked PIN until the person confirms it. The JWE is spent, whatever the outcome of the request.
 * @throws LinchpinError `replayed`
 */
export async function requestPinChange(
  context: Context,
  { card, pin, mark, facts }: { card: Card; pin: Pin; mark: ReplayMark; facts: AuditFacts<"changeRequestId"> },
): Promise<ChangeRequest> {
  const id = makeSolarisId("csc");
  const createdAt = context.clock();
  const request: ChangeRequest = {
    id,
    cardId: card.id,
    personId: card.person.id,
    partnerId: card.partnerId,
    status: "AUTHORIZATION_REQUIRED",
    sealedPin: await sealRequestedPin(context, pin, id),
    deliveryMethod: null,
    deviceId: null,
    sealedSecret: null,
    tries: 0,
    createdAt,
    updatedAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + lifetimeMs),
  };
  const audit = auditDone(context, { cardId: card.id }, facts.with({ changeRequestId: id }));
  const result = await context.store.addChangeRequest(request, mark, { audit, outbox: [] });
  if (result === "replayed") throw new LinchpinError("replayed");
  return request;
}
