import { LinchpinError, Pin, utf8 } from "@linchpin/core";
import { describeCard, type SealedPin } from "@linchpin/protocols/stripe/issuer";
import type { CardCreate, CardReply } from "@linchpin/protocols/stripe/wire";
import type { Card, Person, ReplayMark } from "@linchpin/store";
import {
  type AuditFacts,
  auditDone,
  auditFacts,
  auditingRefusal,
  operationEvent,
  textDigest,
} from "../../audit/index.ts";
import { checkCardState, findOrderProgram, makeCardNames } from "../../cards/index.ts";
import { type Caller, type Context, noteCard, type PartnerCaller } from "../../context/index.ts";
import type { KeepAnswer } from "../../idempotency/index.ts";
import { makeId, makeSolarisId } from "../../identifiers.ts";
import { cardEvents } from "../../outbox/index.ts";
import { findOwnPerson } from "../../persons/index.ts";
import {
  checkRulesOfDigits,
  drawPin,
  type OperationRun,
  type PinOperation,
  runPinOperation,
  sealStoredPin,
} from "../../pin/index.ts";
import { lookForReplay } from "../../steps/index.ts";
import { stripeAudit } from "./audit.ts";
import { changedDetails, describedCard } from "./card-details.ts";
import { findStripeKey, openStripePin, parseStripePin } from "./sealed-pin.ts";

export interface Creation {
  readonly create: CardCreate;
  /** The program of created cards, which the operator sets; null: none are created here. */
  readonly programId: string | null;
  /** The PIN of a card that is created without one; null: a random one. */
  readonly firstPin: string | null;
  readonly isLive: boolean;
  readonly keepAnswer: KeepAnswer;
  readonly caller: PartnerCaller;
}

type CreationWithPin = Creation & { readonly encryptedNumber: string };
type CreateFact = "personId" | "programId" | "names" | "pinVersion";

/** A card that is not in the database yet. */
type NewCard = Card & { readonly isNewPerson: boolean };

const firstVersion = 1;

/**
 * Makes a card with its first PIN: the one that was sent, or one that nobody is told. The PIN, the replay mark and what
 * is kept of the card are written in one statement.
 * @throws LinchpinError `person_unknown`; `not_found` where the operator has set no program; what the steps of
 *   `cardsCreate` refuse with
 */
export async function createCard(context: Context, creation: Creation): Promise<CardReply> {
  const { caller, create } = creation;
  const { pin } = create;
  if (pin !== undefined)
    return runPinOperation(context, cardsCreate, caller, { ...creation, encryptedNumber: pin.encrypted_number });
  const card = await cardToMake(context, caller, creation);
  const facts = auditFacts(stripeAudit["stripe.cards.create"], caller, factsOf(card));
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    const first = await firstPinOf(context, card, creation.firstPin);
    try {
      return await addCard(context, { card, creation, pin: first, mark: null, facts });
    } finally {
      first.wipe();
    }
  });
}

/** `POST /v1/issuing/cards` with `pin`. The card is in the database only after `commit`, and has no PIN history. */
export const cardsCreate: PinOperation<CreationWithPin, SealedPin, Pin, CardReply, NewCard, CreateFact> = {
  name: "stripe.cards.create",
  card: cardToMake,
  cardState: checkCardState,
  parse: parseStripePin,
  sender: null,
  key: findStripeKey,
  replay: lookForReplay,
  attempt: null,
  open: openStripePin,
  spend: null,
  policy: checkRulesOfDigits,
  commit: addCardWithPin,
  refusal: null,
  event: operationEvent(stripeAudit["stripe.cards.create"], async ({ encryptedNumber, programId }, context) => ({
    programId,
    encryptedNumberHmac: await textDigest(context, encryptedNumber),
  })),
};

function factsOf({ person, program }: NewCard) {
  return { personId: person.id, programId: program.id };
}

/** The card as it will be made. @throws LinchpinError `person_unknown`, `not_found` */
async function cardToMake(
  context: Context,
  _caller: Caller,
  { create, programId, caller }: Creation,
): Promise<NewCard> {
  const { cardholder } = create;
  const createdAt = context.clock();
  const person: Person =
    cardholder === undefined
      ? { id: makeSolarisId("cper"), partnerId: caller.partnerId, mobileNumber: null, createdAt }
      : await findOwnPerson(context, caller, cardholder);
  const program = await findOrderProgram(context, programId, "LINCHPIN_STRIPE_CARD_PROGRAM");
  const card = {
    id: makeId(),
    partnerId: person.partnerId,
    person,
    program,
    names: makeCardNames(context.cardNameMakers),
    state: "active",
    pin: { status: "not_set", version: 0, sealed: null, failedTries: 0, chipVersion: 0 },
    createdAt,
    isNewPerson: cardholder === undefined,
  } as const;
  noteCard(card.id);
  return card;
}

/** The caller wipes it. @throws LinchpinError `internal`: the program refuses nearly every PIN */
async function firstPinOf(context: Context, card: Card, digits: string | null): Promise<Pin> {
  if (digits !== null) return new Pin(utf8(digits));
  try {
    return await drawPin(context, null, card);
  } catch (cause) {
    throw cause instanceof LinchpinError && cause.code === "conflict"
      ? new LinchpinError("internal", { cause })
      : cause;
  }
}

function addCardWithPin(
  context: Context,
  run: OperationRun<CreationWithPin, SealedPin, Pin, NewCard, CreateFact>,
): Promise<CardReply> {
  const { card, request: creation, opened: pin, sealed: mark, facts } = run;
  return addCard(context, { card, creation, pin, mark, facts: facts.with(factsOf(card)) });
}

interface Adding {
  readonly card: NewCard;
  readonly creation: Creation;
  readonly pin: Pin;
  readonly mark: ReplayMark | null;
  readonly facts: AuditFacts<CreateFact>;
}

/** @throws LinchpinError `replayed`, `unavailable` */
async function addCard(
  context: Context,
  { card, creation: { create, caller, isLive, keepAnswer }, pin, mark, facts }: Adding,
): Promise<CardReply> {
  const { id, person, program, names, createdAt } = card;
  const sealed = await sealStoredPin(context, pin, id, firstVersion);
  const changed = changedDetails({ ...create, status: create.status ?? "inactive" }, {});
  const reply = describeCard(
    describedCard(card, { details: {}, expiration: null }, { isLive, changed, isPinBlocked: false }),
  );
  const answer = keepAnswer(reply);
  if (card.isNewPerson) await addCardholder(context, caller, person);
  const result = await context.store.addCard(
    { id, personId: person.id, programId: program.id, names, createdAt, firstPin: { sealed, mark } },
    {
      audit: auditDone(context, { cardId: id }, facts.with({ names, pinVersion: firstVersion })),
      outbox: cardEvents(context, card, "pin.changed", { pinVersion: firstVersion }),
      cardDetails: { cardId: id, protocol: "stripe", details: changed },
      ...(answer && { answer }),
    },
  );
  if (result === "replayed") throw new LinchpinError("replayed");
  if (result !== "added") throw new LinchpinError("unavailable", { reason: `the card was not added: ${result}` });
  return reply;
}

/** A card here is a person's. One that stays without a card, as its card was refused, is no harm. */
async function addCardholder(context: Context, caller: Caller, person: Person): Promise<void> {
  const facts = auditFacts(stripeAudit["stripe.cards.create_cardholder"], caller, { personId: person.id });
  await context.store.addPerson(person, { audit: auditDone(context, { id: person.id }, facts), outbox: [] });
}
