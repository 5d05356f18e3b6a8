import type { AgreementKey, LinchpinError } from "@linchpin/core";
import type { Message, Parts, Session } from "@linchpin/protocols/native/issuer";
import type { OperationRequest, SignedOutcome } from "@linchpin/protocols/native/wire";
import type { Card, CardForMessage, CodeLimits, SpentSession } from "@linchpin/store";
import type { AuditFacts, OperationEvent } from "../../audit/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import type { MessageFact } from "./audit.ts";
import type { ExpectedCode } from "./session-code.ts";

/** An operation of the native protocol: a column of the step table, taken by `runNativeOperation`. */
export interface NativeOperation {
  readonly name: string;
  readonly card: (context: Context, caller: PartnerCaller, session: Session) => Promise<CardForMessage>;
  readonly parse: (context: Context, request: OperationRequest, session: Session) => Promise<Message>;
  readonly sender:
    | ((context: Context, session: Session, message: Message, card: CardForMessage) => Promise<void>)
    | null;
  readonly key: ((context: Context, session: Session) => Promise<AgreementKey>) | null;
  /** An early look, which answers a message that was sent again; the statement of `commit` decides. */
  readonly replay: (card: CardForMessage) => SpentSession | null;
  /** Counts an attempt at a former PIN, and finds the code that is to be compared. */
  readonly attempt:
    | ((context: Context, caller: PartnerCaller, session: Session, card: Card) => Promise<ExpectedCode | null>)
    | null;
  readonly open: ((context: Context, session: Session, message: Message, key: AgreementKey) => Promise<Parts>) | null;
  /** Judges the content. Code and digits were right before. @throws LinchpinError what a signed answer may tell */
  readonly policy: ((context: Context, run: NativeRun) => Promise<void>) | null;
  /** The deciding statement. Once it is committed, what it returns makes the outcome that is signed. */
  readonly commit: (context: Context, run: NativeRun) => Promise<Committed>;
  readonly event: OperationEvent<Session, MessageFact>;
}

/** Seals what a reveal reveals; the outcome of everything else is known. */
export type Committed = () => SignedOutcome | Promise<SignedOutcome>;

/** What the steps before `commit` found out. Nothing of it is told before it is committed. */
export interface NativeRun {
  readonly session: Session;
  readonly message: Message;
  readonly card: Card;
  readonly caller: PartnerCaller;
  readonly facts: AuditFacts<MessageFact>;
  readonly limits: CodeLimits;
  /** Null: the operation opens nothing, or the message did not open. */
  readonly parts: Parts | null;
  readonly failedToOpen: boolean;
  /** Null: no code belongs to the operation. */
  readonly code: { readonly challengeId: string; readonly isRight: boolean } | null;
  /** Why the content is refused; null: it is not, or was not looked at. */
  readonly refusal: LinchpinError | null;
}

/** Whether the card's PIN still has the version that the session names. */
export function isOfSessionsVersion({ card, session: { claims } }: NativeRun): boolean {
  return card.pin.version === claims.card.version;
}

/** Whether nothing that was found so far refuses the message. */
export function isGood({ failedToOpen, code, refusal }: NativeRun): boolean {
  return !failedToOpen && code?.isRight !== false && refusal === null;
}
