import type { Device } from "../devices/devices.ts";
import type { Consequences, ReplayMark, Sealed } from "../store.ts";

/** Programs, persons, cards, and what happens to a card's PIN. */
export interface CardStore {
  addProgram(program: Program, consequences: Consequences): Promise<"added" | "exists">;
  findProgram(id: string): Promise<Program | null>;
  listPrograms(): Promise<Program[]>;

  addPerson(person: Person, consequences: Consequences): Promise<"added" | "exists" | "partner_unknown">;
  findPerson(id: string): Promise<Person | null>;
  /** A person has one number at a time. A verified number replaces any, an unverified one does not replace a verified one. */
  setMobileNumber(
    personId: string,
    number: MobileNumber,
    consequences: Consequences,
  ): Promise<"set" | "verified_exists">;
  verifyMobileNumber(personId: string, numberId: string, consequences: Consequences): Promise<"verified" | "unknown">;
  deleteMobileNumber(personId: string, consequences: Consequences): Promise<"deleted" | "unknown">;

  addCard(
    card: NewCard,
    consequences: Consequences,
  ): Promise<"added" | "exists" | "person_unknown" | "program_unknown">;
  /** A name in a protocol where the card has none. `exists`: it has one there, or the name is another card's. */
  addCardName(
    cardId: string,
    name: { protocol: string; name: string },
    consequences: Consequences,
  ): Promise<"added" | "exists" | "unknown">;
  /** With its program and person, in one statement: what a change needs to know. */
  findCard(id: string): Promise<Card | null>;
  /** By the name that a protocol knows it by: (`adyen`, paymentInstrumentId), (`solaris`, card_account_id) … */
  findCardByName(protocol: string, name: string): Promise<Card | null>;
  /** `findCardByName`, `findDevice` of the device that signed, an unverified one too, and `isReplayed`, in one round trip. */
  findCardForChange(asked: ChangeAsked): Promise<CardForChange | null>;
  /** The last `count` PINs before the current one, newest first. */
  listFormerPins(cardId: string, count: number): Promise<VersionedPin[]>;
  setCardState(cardId: string, state: CardState, consequences: Consequences): Promise<"set" | "unknown" | "terminated">;

  /** True when the mark is there already: a look that saves work. What decides is the unique mark in the writing transaction. */
  isReplayed(mark: Uint8Array): Promise<boolean>;
  /** Spends a mark where nothing else is changed; null: nothing goes along with it. */
  spend(mark: ReplayMark, consequences: Consequences | null): Promise<"spent" | "replayed">;
  /** Lets the marks of keys go that accept nothing any more. */
  deleteReplayMarks(keyIds: readonly string[]): Promise<number>;

  /**
   * One transaction: the new PIN, its replay mark, tries reset, the former PIN kept where the program keeps any,
   * the change request completed where there is one, audit, outbox. All or nothing.
   */
  changePin(change: PinChange): Promise<PinChangeResult>;
  /** Counts one try, at most as many as allowed however many come at once, and spends the mark in the same transaction. */
  settleVerification(verification: Verification): Promise<VerificationResult>;
  unblockPin(cardId: string, consequences: Consequences): Promise<"unblocked" | "not_blocked" | "unknown">;
  /** The chip now holds the PIN of `version`; `version_unknown`: there was no such one yet. */
  setChipSynced(
    cardId: string,
    version: number,
    consequences: Consequences,
  ): Promise<"set" | "version_unknown" | "unknown">;
}

export interface Program {
  readonly id: string;
  readonly name: string;
  /** Policy and rules as data; the store does not look inside. */
  readonly settings: unknown;
  readonly createdAt: Date;
}

export interface MobileNumber {
  readonly id: string;
  readonly number: string;
  readonly verified: boolean;
}

export interface Person {
  readonly id: string;
  readonly partnerId: string;
  readonly mobileNumber: MobileNumber | null;
  readonly createdAt: Date;
}

export type CardState = "active" | "blocked" | "terminated";
export type PinStatus = "not_set" | "active" | "blocked";

export interface NewCard {
  readonly id: string;
  readonly personId: string;
  readonly programId: string;
  /** Protocol → the card's name there. (protocol, name) is unique. */
  readonly names: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

/** A card as a change that a device signed finds it. */
export interface CardForChange extends Card {
  /** Null: there is none of this id. */
  readonly device: Device | null;
  readonly isReplayed: boolean;
}

/** A change that a device signed, before it is looked at. */
export interface ChangeAsked {
  readonly protocol: string;
  /** Of the card. */
  readonly name: string;
  readonly deviceId: string;
  readonly mark: Uint8Array;
}

export interface Card {
  readonly id: string;
  readonly partnerId: string;
  readonly person: Person;
  readonly program: Program;
  readonly names: Readonly<Record<string, string>>;
  readonly state: CardState;
  readonly pin: {
    readonly status: PinStatus;
    /** 0 before the first PIN; each change adds one. */
    readonly version: number;
    readonly sealed: Sealed | null;
    /** Wrong tries in a row. */
    readonly failures: number;
    /** The version that the chip holds, as far as was reported. */
    readonly chipVersion: number;
  };
  readonly createdAt: Date;
}

export interface VersionedPin {
  readonly version: number;
  readonly sealed: Sealed;
}

export interface PinChange {
  readonly cardId: string;
  /** The version that `sealed` was sealed for is `fromVersion + 1`. */
  readonly fromVersion: number;
  readonly sealed: Sealed;
  /** Null where nothing sealed came in (a generated PIN) or where it was spent earlier (a change request). */
  readonly mark: ReplayMark | null;
  /** False: a blocked PIN stays blocked under its new digits. */
  readonly unblocks: boolean;
  /** The chip follows at once (true), or when the issuer API reports it (false). */
  readonly chipFollows: boolean;
  /** How many former PINs to keep; older ones are deleted. */
  readonly keepFormer: number;
  readonly at: Date;
  readonly consequences: Consequences;
  /** Completed in the same transaction; must be in `CONFIRMATION_REQUIRED` and alive at `at`. */
  readonly changeRequestId: string | null;
}

/** `conflict`: the card changed between reading and writing (version or state): read again and decide again. */
export type PinChangeResult = "changed" | "replayed" | "conflict" | "change_request_ended";

export interface Verification {
  readonly cardId: string;
  /** The version that was compared. */
  readonly version: number;
  readonly matched: boolean;
  readonly triesAllowed: number;
  readonly mark: ReplayMark;
  readonly at: Date;
  /** What to write down, by what came of it: `blocking` is a mismatch that used the last try. */
  readonly consequences: Readonly<Record<"match" | "mismatch" | "blocking" | "blocked", Consequences>>;
}

/** `conflict`: the PIN was changed meanwhile: compare again. `remainingAttempts` counts what is left after this try. */
export type VerificationResult =
  | { readonly result: "match" | "mismatch" | "blocked"; readonly remainingAttempts: number }
  | { readonly result: "replayed" | "conflict" };
