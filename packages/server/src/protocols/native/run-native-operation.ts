import { LinchpinError } from "@linchpin/core";
import {
  hasCodeAndDigits,
  type Operation,
  type Parts,
  signAnswer,
  signedRefusalOf,
  spentOutcome,
} from "@linchpin/protocols/native/issuer";
import type { OperationRequest, SignedOutcome } from "@linchpin/protocols/native/wire";
import type { CardForMessage } from "@linchpin/store";
import { auditingRefusal } from "../../audit/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { watched } from "../../steps/index.ts";
import type { Committed, NativeOperation, NativeRun } from "./native-operation.ts";
import { columnOf } from "./operations.ts";
import { outcomeOf } from "./outcomes.ts";
import { readSession } from "./read-session.ts";
import { codeLimits, type ExpectedCode } from "./session-code.ts";
import type { NativeSettings } from "./settings.ts";

/**
 * Runs the operation of a session step by step. What is refused before the message is opened is thrown, not signed, and
 * spends nothing. From then on whatever becomes of the message is committed, with the session spent, and only then signed:
 * where that fails the answer is lost, and no refusal. The same message, sent again, is answered by what it did.
 * @throws LinchpinError `session_unknown`, `session_expired`, `session_mismatch`, `request_invalid`, `card_unknown`,
 *   `signature_invalid`, `rate_limited`, `unavailable`
 */
export async function runNativeOperation(
  context: Context,
  settings: NativeSettings,
  caller: PartnerCaller,
  request: OperationRequest,
): Promise<{ answer: string; op: Operation; outcome: SignedOutcome }> {
  const { session, signer } = await readSession(context, request.session);
  const operation = watched(context, columnOf(session));
  const card = await operation.card(context, caller, session);
  const begun = await operation.event.begin(context, caller, session);
  const { message, committed } = await auditingRefusal(context, { cardId: card.id }, begun, async () => {
    const message = await operation.parse(context, request, session);
    const facts = begun.with({
      messageHash: Buffer.from(message.hash).toString("base64url"),
      signature: request.signature,
    });
    const committed = await decide(context, operation, {
      session,
      message,
      card,
      caller,
      facts,
      limits: codeLimits(settings.codesPerDay),
    });
    return { message, committed };
  });
  try {
    const outcome = await committed();
    const nowSeconds = Math.floor(context.clock().getTime() / 1000);
    const answer = await signAnswer({ session, message }, outcome, nowSeconds, signer);
    return { answer, op: session.claims.op, outcome };
  } catch (cause) {
    throw new LinchpinError("unavailable", { cause, reason: "decided, but the vault could not make the answer" });
  }
}

interface Received extends Pick<NativeRun, "session" | "message" | "caller" | "facts" | "limits"> {
  readonly card: CardForMessage;
}

async function decide(context: Context, operation: NativeOperation, received: Received): Promise<Committed> {
  const { session, message, card, caller } = received;
  await operation.sender?.(context, session, message, card);
  const key = await operation.key?.(context, session);
  const spent = operation.replay(card);
  if (spent !== null) return () => spentOutcome(spent.messageHash, outcomeOf(session, spent));
  const expected = (await operation.attempt?.(context, caller, session, card)) ?? null;
  let parts: Parts | null = null;
  try {
    parts = operation.open && key ? await operation.open(context, session, message, key).catch(nullIfNotOpened) : null;
    const failedToOpen = operation.open !== null && parts === null;
    const code = expected && { challengeId: expected.challengeId, isRight: isRight(parts, expected) };
    const run: NativeRun = { ...received, parts, failedToOpen, code, refusal: null };
    const isJudged = !failedToOpen && code?.isRight !== false;
    const refusal = isJudged ? await refusalOf(async () => operation.policy?.(context, run)) : null;
    return await operation.commit(context, { ...run, refusal });
  } finally {
    parts?.wipe();
    expected?.wipe();
  }
}

function nullIfNotOpened(error: unknown): null {
  if (error instanceof LinchpinError && error.code === "decryption_failed") return null;
  throw error;
}

/** One verdict of code and digits, in constant time. */
function isRight(parts: Parts | null, expected: ExpectedCode): boolean {
  return parts !== null && hasCodeAndDigits(parts, expected);
}

/** What a signed answer may refuse with, instead of thrown. */
async function refusalOf(judge: () => Promise<void>): Promise<LinchpinError | null> {
  try {
    await judge();
    return null;
  } catch (error) {
    if (error instanceof LinchpinError && signedRefusalOf(error) !== undefined) return error;
    throw error;
  }
}
