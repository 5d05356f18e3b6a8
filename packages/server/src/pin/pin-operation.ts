import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { type AuditFacts, type AuditSubject, auditRefused } from "../audit/audit-entry.ts";
import type { Caller, Context } from "../context/context.ts";
import { watched } from "../steps/watch-steps.ts";

/**
 * An operation in which a secret comes in or goes out: a column of the table in `step-table.ts`. Its members are the
 * rows, in the order in which `runPinOperation` takes them. What stands before the vault costs little and tells apart
 * what is public; from `open` on, there is one way to fail.
 */
export interface PinOperation<Request, Sealed, Opened extends Wipeable, Answer, Found extends Card = Card> {
  readonly name: string;
  /** The card, if this caller may see it; and with it what later steps need that the same round trip can bring. */
  readonly card: (context: Context, caller: Caller, request: Request) => Promise<Found>;
  readonly cardState: (card: Card) => void;
  readonly parse: (context: Context, request: Request) => Promise<Sealed>;
  /** Who sealed it, where the protocol proves that: before any decryption. */
  readonly sender: (context: Context, request: Request, card: Found) => Promise<void>;
  readonly key: (context: Context, sealed: Sealed) => Promise<void>;
  /** A look that saves work; what decides is the unique mark in the transaction of `settle`. */
  readonly replay: (context: Context, sealed: Sealed, card: Found) => Promise<void>;
  readonly open: (context: Context, sealed: Sealed) => Promise<Opened>;
  /** What is used once and shows only when it is open: looked for, or spent, and that it stays. */
  readonly spend: (context: Context, opened: Opened) => Promise<void>;
  readonly policy: (context: Context, opened: Opened, card: Card) => Promise<void>;
  /** One transaction, in which the replay mark, the audit event and the outbox go along. */
  readonly settle: (context: Context, settling: Settling<Request, Sealed, Opened>) => Promise<Answer>;
  /** What an audit event says of the request. */
  readonly facts: (request: Request) => Readonly<Record<string, unknown>>;
}

interface Wipeable {
  wipe(): void;
}

interface Settling<Request, Sealed, Opened> {
  readonly card: Card;
  readonly request: Request;
  readonly sealed: Sealed;
  readonly opened: Opened;
  readonly facts: AuditFacts;
}

/**
 * Runs an operation step by step. A refusal after the card is known leaves an audit event and changes nothing
 * else, but that what was spent stays spent.
 * @throws LinchpinError with the code of the step that refused
 */
export async function runPinOperation<Request, Sealed, Opened extends Wipeable, Answer, Found extends Card>(
  context: Context,
  column: PinOperation<Request, Sealed, Opened, Answer, Found>,
  caller: Caller,
  request: Request,
): Promise<Answer> {
  const operation = watched(context, column);
  const card = await operation.card(context, caller, request);
  const facts: AuditFacts = { operation: operation.name, caller, ...operation.facts(request) };
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    operation.cardState(card);
    const sealed = await operation.parse(context, request);
    await operation.sender(context, request, card);
    await operation.key(context, sealed);
    await operation.replay(context, sealed, card);
    const opened = await operation.open(context, sealed);
    try {
      await operation.spend(context, opened);
      await operation.policy(context, opened, card);
      return await operation.settle(context, { card, request, sealed, opened, facts });
    } finally {
      opened.wipe();
    }
  });
}

/** Writes down what is refused, and lets the refusal go on. */
export async function auditingRefusal<Answer>(
  context: Context,
  subject: AuditSubject,
  facts: AuditFacts,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LinchpinError && !outsideOfRequest.has(error.code))
      await context.store.appendAuditEvent(auditRefused(context, subject, error, facts));
    throw error;
  }
}

/** The house's own trouble is no refusal; a wrong signing method is told by the statement that counts it. */
const outsideOfRequest: ReadonlySet<string> = new Set(["unavailable", "internal", "signing_method_incorrect"]);
