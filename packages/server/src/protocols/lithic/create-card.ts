import { LinchpinError } from "@linchpin/core";
import { describeCard, type OpenedPin, type SealedPin } from "@linchpin/protocols/lithic/issuer";
import type { CardCreate, CardReply } from "@linchpin/protocols/lithic/wire";
import type { Card, MarksOfMessage, Person } from "@linchpin/store";
import {
  type AuditFacts,
  auditDone,
  auditFacts,
  auditingRefusal,
  operationEvent,
  textDigest,
} from "../../audit/index.ts";
import { checkCardState, findOrderProgram, makeCardNames, settingsOf } from "../../cards/index.ts";
import { type Caller, type Context, noteCard, type PartnerCaller } from "../../context/index.ts";
import type { KeepAnswer } from "../../idempotency/index.ts";
import { makeId, makeSolarisId } from "../../identifiers.ts";
import { cardEvents } from "../../outbox/index.ts";
import { findOwnPerson } from "../../persons/index.ts";
import { type OperationRun, type PinOperation, runPinOperation, sealStoredPin } from "../../pin/index.ts";
import { lookForReplay } from "../../steps/index.ts";
import { lithicAudit } from "./audit.ts";
import { changedDetails, checkTypeTakesPin, describedCard, invalid } from "./card-details.ts";
import { checkRulesOfDigitsOfLithicPin, marksOf, openLithicPin, parseLithicPin } from "./sealed-pin.ts";

export interface Creation {
  readonly create: CardCreate;
  /** The program of created cards, which the operator sets; null: none are created here. */
  readonly programId: string | null;
  readonly keepAnswer: KeepAnswer;
  readonly caller: PartnerCaller;
}

type CreationWithPin = Creation & { readonly sealedPin: string };
type CreateFact = "personId" | "programId" | "names" | "pinVersion";

/** A card that is not in the database yet. */
type NewCard = Card & { readonly isNewPerson: boolean };

const firstVersion = 1;

/**
 * Makes a card, with a PIN or without. The PIN, its replay marks and what is kept of the card are written in one statement.
 * @throws LinchpinError `person_unknown`; `not_found` where the operator has set no program; `request_invalid` where the
 *   program has an offline PIN and none is sent; what the steps of `cardsCreate` refuse with
 */
export async function createCard(context: Context, creation: Creation): Promise<CardReply> {
  const { caller, create } = creation;
  if (create.pin !== undefined)
    return runPinOperation(context, cardsCreate, caller, { ...creation, sealedPin: create.pin });
  const card = await cardToMake(context, caller, creation);
  const facts = auditFacts(lithicAudit["lithic.cards.create"], caller, factsOf(card));
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    if (settingsOf(card.program).offlinePin) throw invalid("pin", "a card with an offline PIN is made with its PIN");
    return addCard(context, { card, creation, first: null, facts });
  });
}

/** `POST /v1/cards` with `pin`. The card is in the database only after `commit`, and has no PIN history. */
export const cardsCreate: PinOperation<CreationWithPin, SealedPin, OpenedPin, CardReply, NewCard, CreateFact> = {
  name: "lithic.cards.create",
  card: cardToMake,
  cardState: checkCardState,
  parse: parseFirstPin,
  sender: null,
  key: null,
  replay: lookForReplay,
  attempt: null,
  open: openLithicPin,
  spend: null,
  policy: checkRulesOfDigitsOfLithicPin,
  commit: addCardWithPin,
  refusal: null,
  event: operationEvent(lithicAudit["lithic.cards.create"], async ({ sealedPin, programId }, context) => ({
    programId,
    pinHmac: await textDigest(context, sealedPin),
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
  const { account_token } = create;
  const createdAt = context.clock();
  const person: Person =
    account_token === undefined
      ? { id: makeSolarisId("cper"), partnerId: caller.partnerId, mobileNumber: null, createdAt }
      : await findOwnPerson(context, caller, account_token);
  const program = await findOrderProgram(context, programId, "LINCHPIN_LITHIC_CARD_PROGRAM");
  const card = {
    id: makeId(),
    partnerId: person.partnerId,
    person,
    program,
    names: makeCardNames(context.cardNameMakers),
    state: "active",
    pin: { status: "not_set", version: 0, sealed: null, failedTries: 0, chipVersion: 0 },
    createdAt,
    isNewPerson: account_token === undefined,
  } as const;
  noteCard(card.id);
  return card;
}

/** @throws LinchpinError `request_invalid`, `encoding_invalid` */
function parseFirstPin(context: Context, request: CreationWithPin): Promise<SealedPin> {
  checkTypeTakesPin({ type: request.create.type });
  return parseLithicPin(context, request);
}

function addCardWithPin(
  context: Context,
  {
    card,
    request: creation,
    opened,
    sealed,
    facts,
  }: OperationRun<CreationWithPin, SealedPin, OpenedPin, NewCard, CreateFact>,
): Promise<CardReply> {
  const first = { pin: opened.pin, mark: marksOf(sealed, opened) };
  return addCard(context, { card, creation, first, facts: facts.with(factsOf(card)) });
}

interface Adding {
  readonly card: NewCard;
  readonly creation: Creation;
  readonly first: { readonly pin: OpenedPin["pin"]; readonly mark: MarksOfMessage } | null;
  readonly facts: AuditFacts<CreateFact>;
}

/** @throws LinchpinError `replayed`, `unavailable` */
async function addCard(
  context: Context,
  { card, creation: { create, caller, keepAnswer }, first, facts }: Adding,
): Promise<CardReply> {
  const { id, person, program, names, createdAt } = card;
  const pinVersion = first === null ? 0 : firstVersion;
  const firstPin = first && { sealed: await sealStoredPin(context, first.pin, id, pinVersion), mark: first.mark };
  const changed = changedDetails(create);
  const pinStatus = first === null ? "not_set" : "active";
  const reply = describeCard(describedCard(card, {}, { changed, pinStatus, pinVersion, isChipPending: false }));
  const answer = keepAnswer(reply);
  if (card.isNewPerson) await addAccount(context, caller, person);
  const result = await context.store.addCard(
    { id, personId: person.id, programId: program.id, names, createdAt, firstPin },
    {
      audit: auditDone(context, { cardId: id }, facts.with({ names, pinVersion })),
      outbox: first === null ? [] : cardEvents(context, card, "pin.changed", { pinVersion }),
      cardDetails: { cardId: id, protocol: "lithic", details: changed },
      ...(answer && { answer }),
    },
  );
  if (result === "replayed") throw new LinchpinError("replayed");
  if (result !== "added") throw new LinchpinError("unavailable", { reason: `the card was not added: ${result}` });
  return reply;
}

/** A card here is a person's. One that stays without a card, as its card was refused, is no harm. */
async function addAccount(context: Context, caller: Caller, person: Person): Promise<void> {
  const facts = auditFacts(lithicAudit["lithic.cards.create_account"], caller, { personId: person.id });
  await context.store.addPerson(person, { audit: auditDone(context, { id: person.id }, facts), outbox: [] });
}
