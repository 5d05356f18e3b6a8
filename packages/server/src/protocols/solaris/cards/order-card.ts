import { LinchpinError, type Pin } from "@linchpin/core";
import type { SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import type { SealedPinRequest } from "@linchpin/protocols/sealed-pin/wire";
import type { Card, FirstPin, OrderDetails } from "@linchpin/store";
import {
  type AuditFacts,
  auditDone,
  auditFacts,
  auditingRefusal,
  claimedName,
  operationEvent,
} from "../../../audit/index.ts";
import { checkCardState, findOrderProgram, makeCardNames } from "../../../cards/index.ts";
import { type Caller, type Context, noteCard, type PartnerCaller } from "../../../context/index.ts";
import { makeId } from "../../../identifiers.ts";
import { cardEvents } from "../../../outbox/index.ts";
import { findOwnPerson } from "../../../persons/index.ts";
import {
  checkRulesOfDigits,
  findSealedPinKey,
  type OperationRun,
  openSealedPin,
  type PinOperation,
  parseSealedPin,
  runPinOperation,
  sealStoredPin,
} from "../../../pin/index.ts";
import { lookForReplay } from "../../../steps/index.ts";
import { solarisAudit } from "../audit.ts";

/** A card that a partner orders for a person. */
export interface CardOrder {
  readonly personId: string;
  /** The program of ordered cards, which the operator sets; null: no cards are ordered here. */
  readonly programId: string | null;
  /** Members of the order that the issuer has no rule for, among them the account that the path names. */
  readonly details: OrderDetails;
}

type CardOrderWithPin = CardOrder & SealedPinRequest;

/** The names of the facts that the steps add to the audit event. */
type OrderFact = "names" | "pinVersion";

const firstVersion = 1;

/**
 * Makes a card for one of the partner's persons, with its first PIN where one is sent: the card, its PIN and the replay
 * mark are written in one statement.
 * @throws LinchpinError `person_unknown`; `not_found` where the operator has set no program; `request_invalid` where
 *   only one of `encrypted_pin` and `key_id` is sent; and what the steps of `cardOrder` refuse with
 */
export async function orderCard(
  context: Context,
  caller: PartnerCaller,
  { encrypted_pin, key_id, ...order }: CardOrder & Partial<SealedPinRequest>,
): Promise<Card> {
  if (encrypted_pin !== undefined && key_id !== undefined)
    return runPinOperation(context, cardOrder, caller, { ...order, encrypted_pin, key_id });
  const card = await cardToMake(context, caller, order);
  const facts = auditFacts(solarisAudit["solaris.cards.order"], caller, factsOf(order));
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    if (encrypted_pin !== undefined || key_id !== undefined)
      throw new LinchpinError("request_invalid", {
        field: encrypted_pin === undefined ? "encrypted_pin" : "key_id",
        reason: "encrypted_pin and key_id are sent together, or neither of them is",
      });
    return addCard(context, card, order, null, facts);
  });
}

/**
 * `POST /v1/persons/{person_id}/accounts/{account_id}/cards` with the card's first PIN. The card is in the database only
 * after `commit`. A new card has no PIN history; this PIN is the first that a later change is compared with.
 */
export const cardOrder: PinOperation<CardOrderWithPin, SealedPin, Pin, Card, Card, OrderFact> = {
  name: "solaris.cards.order",
  card: cardToMake,
  cardState: checkCardState,
  parse: parseSealedPin,
  sender: null,
  key: findSealedPinKey,
  replay: lookForReplay,
  attempt: null,
  open: openSealedPin,
  spend: null,
  policy: checkRulesOfDigits,
  commit: addCardWithPin,
  refusal: null,
  event: operationEvent(solarisAudit["solaris.cards.order"], ({ key_id, ...order }) => ({
    ...factsOf(order),
    keyId: claimedName(key_id),
  })),
};

function factsOf({ personId, programId }: CardOrder): { personId: string; programId: string | null } {
  return { personId, programId };
}

/** The card as it will be made. @throws LinchpinError `person_unknown`, `not_found`, `caller_not_allowed` */
async function cardToMake(context: Context, caller: Caller, order: CardOrder): Promise<Card> {
  if (caller.kind !== "partner") throw new LinchpinError("caller_not_allowed");
  const person = await findOwnPerson(context, caller, order.personId);
  const program = await findOrderProgram(context, order.programId, "LINCHPIN_SOLARIS_CARD_PROGRAM");
  const card: Card = {
    id: makeId(),
    partnerId: person.partnerId,
    person,
    program,
    names: makeCardNames(context.cardNameMakers),
    state: "active",
    pin: { status: "not_set", version: 0, sealed: null, failedTries: 0, chipVersion: 0 },
    createdAt: context.clock(),
  };
  noteCard(card.id);
  return card;
}

async function addCardWithPin(
  context: Context,
  { card, request, sealed: mark, opened: pin, facts }: OperationRun<CardOrderWithPin, SealedPin, Pin, Card, OrderFact>,
): Promise<Card> {
  const sealed = await sealStoredPin(context, pin, card.id, firstVersion);
  return addCard(context, card, request, { sealed, mark }, facts.with({ pinVersion: firstVersion }));
}

/** @throws LinchpinError `replayed`, `unavailable` */
async function addCard(
  context: Context,
  card: Card,
  { details: orderDetails }: CardOrder,
  firstPin: FirstPin | null,
  facts: AuditFacts<OrderFact>,
): Promise<Card> {
  const { id, person, program, names, createdAt } = card;
  const result = await context.store.addCard(
    { id, personId: person.id, programId: program.id, names, createdAt, firstPin, orderDetails },
    {
      audit: auditDone(context, { cardId: id }, facts.with({ names })),
      outbox: firstPin === null ? [] : cardEvents(context, card, "pin.changed", { pinVersion: firstVersion }),
    },
  );
  if (result === "replayed") throw new LinchpinError("replayed");
  if (result !== "added") throw new LinchpinError("unavailable", { reason: `the card was not added: ${result}` });
  return card;
}
