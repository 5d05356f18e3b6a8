import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, CardDetailsChange } from "../records.ts";
import { addCard } from "./add-card.ts";
import { addCardName } from "./add-card-name.ts";
import { findCard } from "./find-card.ts";
import { findCardByName } from "./find-card-by-name.ts";
import { findCardData } from "./find-card-data.ts";
import { findCardDetails } from "./find-card-details.ts";
import { findCardForChange } from "./find-card-for-change.ts";
import { findCardsByPan } from "./find-cards-by-pan.ts";
import { findOrderDetails } from "./find-order-details.ts";
import { indexPan } from "./index-pan.ts";
import { listCardsOfPerson } from "./list-cards-of-person.ts";
import { listUnindexedPans } from "./list-unindexed-pans.ts";
import type {
  Card,
  CardForChange,
  CardOfPan,
  CardState,
  ChangeAsked,
  NewCard,
  NewCardData,
  OrderDetails,
  PanMac,
  StoredCardData,
} from "./records.ts";
import { setCardData } from "./set-card-data.ts";
import { setCardDetails } from "./set-card-details.ts";
import { setCardState } from "./set-card-state.ts";

export { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
export type {
  Card,
  CardForChange,
  CardOfPan,
  CardState,
  ChangeAsked,
  FirstPin,
  NewCard,
  NewCardData,
  OrderDetails,
  PanMac,
  PinStatus,
  StoredCardData,
} from "./records.ts";

/** Cards, their names in the protocols, and their card data (PAN, CVV2, expiration date). */
export interface CardStore {
  /**
   * Adds a card, with its first PIN if there is one; then the message in which the PIN was sealed is spent in the same
   * statement. `exists`: the id, or one of the names, is taken. `replayed`: that message was used before.
   */
  addCard(
    card: NewCard,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "exists" | "person_unknown" | "program_unknown" | "replayed">;
  /**
   * Gives the card a name in a protocol in which it has none. `exists`: it has a name there, or the name is another
   * card's. `unknown`: there is no such card.
   */
  addCardName(
    cardId: string,
    name: { protocol: string; name: string },
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "exists" | "unknown">;
  /** The card with its program and its person. */
  findCard(id: string): Promise<Card | null>;
  /** The card by its name in a protocol: (`adyen`, paymentInstrumentId), (`solaris`, card_account_id) and so on. */
  findCardByName(protocol: string, name: string): Promise<Card | null>;
  /** The cards of a person, in whatever state, the newest first. */
  listCardsOfPerson(personId: string): Promise<Card[]>;
  /**
   * Reads in one statement all that a PIN change is checked against: the card by its name, the device (also an
   * unverified one), and whether the replay mark was spent. Where the card's program keeps a PIN history, the same
   * statement counts an attempt before the new PIN is compared with it. Null when there is no such card.
   */
  findCardForChange(asked: ChangeAsked): Promise<CardForChange | null>;
  /** `terminated`: the card is, and stays so. */
  setCardState(
    cardId: string,
    state: CardState,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"set" | "unknown" | "terminated">;

  /** Sets the card data in place of those before. `unknown`: there is no such card. */
  setCardData(cardId: string, data: NewCardData, auditAndOutbox: AuditAndOutbox): Promise<"set" | "unknown">;
  /** What a partner said of the card as it ordered it. Null when the card was not ordered, or is unknown. */
  findOrderDetails(cardId: string): Promise<OrderDetails | null>;
  /** What a protocol keeps of the card, by the names there; empty where it keeps nothing. */
  findCardDetails(cardId: string, protocol: string): Promise<Readonly<Record<string, string>>>;
  /** Changes what a protocol keeps of a card, and nothing else. `not_active`: the card is blocked or terminated. */
  setCardDetails(
    auditAndOutbox: AuditAndOutbox & { readonly cardDetails: CardDetailsChange },
  ): Promise<"set" | "unknown" | "not_active">;
  /** Null when the card has no card data. */
  findCardData(cardId: string): Promise<StoredCardData | null>;
  /** The cards whose PAN has one of these MACs, the newest first: PANs may be equal where cards replace each other. */
  findCardsByPan(macs: readonly Uint8Array[]): Promise<CardOfPan[]>;
  /** Card data whose PAN has no MAC by this key. */
  listUnindexedPans(panMacKeyId: string, limit: number): Promise<(StoredCardData & { readonly cardId: string })[]>;
  /** Sets the MAC of a card's PAN, unless the data are no longer those that it was computed of. */
  indexPan(cardId: string, of: Pick<StoredCardData, "sealed"> & { readonly panMac: PanMac }): Promise<void>;
}

export function cardStore(database: Database): CardStore {
  return bindQueries(database, {
    addCard,
    addCardName,
    findCard,
    findCardByName,
    listCardsOfPerson,
    findCardForChange,
    setCardState,
    setCardData,
    findOrderDetails,
    findCardDetails,
    setCardDetails,
    findCardData,
    findCardsByPan,
    listUnindexedPans,
    indexPan,
  });
}
