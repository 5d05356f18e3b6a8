import type { Device, Expiration, MarksOfMessage, Person, Program, ReplayMark, Sealed } from "../records.ts";

export type CardState = "active" | "blocked" | "terminated";
export type PinStatus = "not_set" | "active" | "blocked";

export interface NewCard {
  readonly id: string;
  readonly personId: string;
  readonly programId: string;
  /** The card's name in each protocol, by protocol. A pair of protocol and name is unique. */
  readonly names: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  /** The PIN that the card is made with; its chip is made with the same. Null or absent: the card has none yet. */
  readonly firstPin?: FirstPin | null;
  /** Members of a partner's order that the issuer has no rule for. Null or absent: the card was not ordered. */
  readonly orderDetails?: OrderDetails | null;
}

export interface FirstPin {
  /** Sealed for version 1. */
  readonly sealed: Sealed;
  /** The mark of the message in which it was sealed, or both of them. Null when nothing sealed came in. */
  readonly mark: ReplayMark | MarksOfMessage | null;
}

/** Texts by the names that they have in the protocol of the order. The store does not read them. */
export type OrderDetails = Readonly<Record<string, string>>;

export interface Card {
  readonly id: string;
  readonly partnerId: string;
  readonly person: Person;
  readonly program: Program;
  /** The card's name in each protocol, by protocol. */
  readonly names: Readonly<Record<string, string>>;
  readonly state: CardState;
  readonly pin: {
    readonly status: PinStatus;
    /** 0 before the first PIN. Each change adds one. */
    readonly version: number;
    readonly sealed: Sealed | null;
    /**
     * Wrong tries in a row. EMV's PIN try counter, which counts down, is the program's PIN try limit less this number.
     */
    readonly failedTries: number;
    /** The version of the PIN that the chip holds, as last reported. */
    readonly chipVersion: number;
  };
  readonly createdAt: Date;
}

/** A PIN change as it was asked for, before anything of it is checked. */
export interface ChangeAsked {
  readonly protocol: string;
  /** The card's name in that protocol. */
  readonly name: string;
  /** Whose card it must be for an attempt to be reserved. */
  readonly partnerId: string | null;
  /** Null where the protocol has no devices. */
  readonly deviceId: string | null;
  /** 32 bytes: the replay mark of what came in sealed. */
  readonly mark: Uint8Array;
  readonly at: Date;
}

/** A card together with what a PIN change is checked against. */
export interface CardForChange extends Card {
  /** Null when there is no device of this id. */
  readonly device: Device | null;
  /** Whether the mark was spent before. */
  readonly isReplayed: boolean;
  /** The code that the same message was refused by for this card. Null when it was not spent by a refusal. */
  readonly refusal: string | null;
  /**
   * `reserved`: the program keeps a PIN history, and an attempt of this day was counted. `exhausted`: none was left.
   * `none`: there is no history to compare with, or the card is another partner's, or the mark was spent before.
   */
  readonly changeAttempt: "reserved" | "exhausted" | "none";
}

/** Card data of a card that has them. */
export interface StoredCardData {
  readonly expiration: Expiration;
  /** PAN and CVV2, sealed together. */
  readonly sealed: Sealed;
}

/** A MAC of a PAN, by which its cards are found: equal for equal PANs. */
export type PanMac = Sealed;

/** Card data as they are set. */
export interface NewCardData extends StoredCardData {
  /** Absent: it is computed in the background. */
  readonly panMac?: PanMac;
}

/** A card that was found by its PAN. */
export interface CardOfPan {
  readonly card: Card;
  readonly expiration: Expiration;
}
