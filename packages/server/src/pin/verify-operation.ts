import type { Pin } from "@linchpin/core";
import type { SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import type { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { Card } from "@linchpin/store";
import { claimedName, issuerAudit, operationEvent } from "../audit/index.ts";
import { checkPinIsSet, findCard } from "../cards/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { lookForReplay } from "../steps/index.ts";
import type { OperationRun, PinOperation } from "./pin-operation.ts";
import { findSealedPinKey, openSealedPin, parseSealedPin } from "./sealed-pin.ts";
import { type VerificationAnswer, verifyPin } from "./verify-pin.ts";

/** The request of an operation that names a card by its own id. */
export interface OfCardId {
  readonly cardId: string;
}

/** `POST /issuer/v1/cards/{id}/pin/verify`: a terminal's question. The policy does not apply: a wrong PIN is a wrong PIN. */
export const pinVerify: PinOperation<
  OfCardId & SealedPinRequest,
  SealedPin,
  Pin,
  VerificationAnswer,
  Card,
  "pinVersion" | "result"
> = {
  name: "issuer.pin.verify",
  card: findCardById,
  cardState: checkPinIsSet,
  parse: parseSealedPin,
  sender: null,
  key: findSealedPinKey,
  replay: lookForReplay,
  attempt: null,
  open: openSealedPin,
  spend: null,
  policy: null,
  commit: verifySealedPin,
  refusal: null,
  event: operationEvent(issuerAudit["issuer.pin.verify"], ({ key_id }) => ({ keyId: claimedName(key_id) })),
};

export function findCardById(context: Context, _caller: Caller, { cardId }: OfCardId): Promise<Card> {
  return findCard(context, cardId);
}

function verifySealedPin(
  context: Context,
  { card, sealed, opened, facts }: OperationRun<unknown, SealedPin, Pin, Card, "pinVersion" | "result">,
): Promise<VerificationAnswer> {
  return verifyPin(context, { card, pin: opened, mark: sealed, facts });
}
