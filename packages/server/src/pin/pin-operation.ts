import type { ErrorCode } from "@linchpin/core";
import type { Card, MarksOfMessage } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import { type AuditFacts, auditingRefusal, type OperationEvent } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { watched } from "../steps/index.ts";

/**
 * An operation in which a secret comes in or goes out: a column of the step table. Its members are the rows, in the
 * order in which `runPinOperation` takes them; null: the operation has no such step. The steps before `open` cost
 * little and distinguish only what is public; from `open` on there is one way to fail.
 */
export interface PinOperation<
  Request,
  /** Undefined where `parse` is null. */
  Sealed,
  /** Undefined where `open` is null. */
  Opened extends Wipeable | undefined,
  Answer,
  Found extends Card = Card,
  /** The facts that its steps add to the audit event. */
  Fact extends string = "pinVersion",
> {
  readonly name: string;
  /** Finds the card, if this caller may see it, and in the same query other records that later steps need. */
  readonly card: (context: Context, caller: Caller, request: Request) => Promise<Found>;
  readonly cardState: (card: Found, context: Context) => void;
  readonly parse: ((context: Context, request: Request, card: Found) => Promise<Sealed>) | null;
  /** Checks which device sealed the message, where the protocol proves it: before any decryption. */
  readonly sender: ((context: Context, request: Request, card: Found) => Promise<void>) | null;
  readonly key: ((context: Context, sealed: Sealed) => Promise<KeyRecord>) | null;
  /** An early check that saves work; the unique mark in the transaction of `commit` decides. */
  readonly replay: ((context: Context, sealed: Sealed, card: Found) => Promise<void>) | null;
  /** Counts an attempt at a secret, and only then compares what came with it. */
  readonly attempt: ((context: Context, sealed: Sealed, card: Found, facts: AuditFacts<Fact>) => Promise<void>) | null;
  /** `key`: what the step of that name found. */
  readonly open:
    | ((context: Context, sealed: Sealed, card: Found, key: KeyRecord | undefined) => Promise<Opened>)
    | null;
  /** What is used once and shows only when it is open: it is looked up, or it is spent and stays spent. */
  readonly spend: ((context: Context, opened: Opened, sealed: Sealed) => Promise<void>) | null;
  readonly policy: ((context: Context, opened: Opened, card: Found, facts: AuditFacts<Fact>) => Promise<void>) | null;
  /** One transaction, which also writes the replay mark, the audit event and the outbox. */
  readonly commit: (context: Context, run: OperationRun<Request, Sealed, Opened, Found, Fact>) => Promise<Answer>;
  /**
   * The replay marks that a refusal spends, in the statement that writes its audit event: all that came in, where the
   * refusal depends on whether something was unwrapped, on a key or on a stored secret. Sent again for the same card,
   * the message is refused by the same code. Null: the refusal spends nothing.
   */
  readonly refusal: ((code: ErrorCode, opened: Opened, sealed: Sealed) => MarksOfMessage | null) | null;
  /** Its audit event, of the same name, and what that says of the request. */
  readonly event: OperationEvent<Request, Fact>;
}

interface Wipeable {
  wipe(): void;
}

/** The results of the steps before `commit`. */
export interface OperationRun<Request, Sealed, Opened, Found extends Card = Card, Fact extends string = "pinVersion"> {
  readonly card: Found;
  readonly request: Request;
  readonly sealed: Sealed;
  readonly opened: Opened;
  readonly facts: AuditFacts<Fact>;
}

/**
 * Runs an operation step by step. A refusal after the card is known appends an audit event and changes nothing else,
 * except that what was spent stays spent, and that `refusal` may spend what came in.
 * @throws LinchpinError with the code of the step that refused
 */
export async function runPinOperation<
  Request,
  Sealed,
  Opened extends Wipeable | undefined,
  Answer,
  Found extends Card,
  Fact extends string,
>(
  context: Context,
  column: PinOperation<Request, Sealed, Opened, Answer, Found, Fact>,
  caller: Caller,
  request: Request,
): Promise<Answer> {
  const operation = watched(context, column);
  const card = await operation.card(context, caller, request);
  const facts = await operation.event.begin(context, caller, request);
  let marksOf = (_code: ErrorCode): MarksOfMessage | null => null;
  const work = async () => {
    operation.cardState(card, context);
    const sealed = (await operation.parse?.(context, request, card)) as Sealed;
    await operation.sender?.(context, request, card);
    const key = await operation.key?.(context, sealed);
    await operation.replay?.(context, sealed, card);
    await operation.attempt?.(context, sealed, card, facts);
    const opened = (await operation.open?.(context, sealed, card, key)) as Opened;
    marksOf = (code) => column.refusal?.(code, opened, sealed) ?? null;
    try {
      await operation.spend?.(context, opened, sealed);
      await operation.policy?.(context, opened, card, facts);
      return await operation.commit(context, { card, request, sealed, opened, facts });
    } finally {
      opened?.wipe();
    }
  };
  return auditingRefusal(context, { cardId: card.id }, facts, work, ({ code }) => {
    const marks = marksOf(code);
    return marks === null ? null : { marks, cardId: card.id };
  });
}
