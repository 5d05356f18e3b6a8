import { LinchpinError } from "@linchpin/core";
import { signedRefusalOf, spentOutcome } from "@linchpin/protocols/native/issuer";
import type { Outcome, SignedOutcome } from "@linchpin/protocols/native/wire";
import type { AuditAndOutbox, OutboxEntry, SessionEffect, SessionMessage } from "@linchpin/store";
import { auditDone, auditRefused } from "../../audit/index.ts";
import { settingsOf } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";
import { hourMs } from "../../durations.ts";
import { cardEvents } from "../../outbox/index.ts";
import type { NativeRun } from "./native-operation.ts";
import { outcomeOf } from "./outcomes.ts";

/** What is written with an outcome that is no refusal. */
interface Written {
  readonly facts?: { readonly pinVersion: number; readonly result?: string };
  readonly outbox: readonly OutboxEntry[];
}

/** What is done where nothing refuses it, and what the card and its person must be like; see `SessionMessage`. */
interface Intent {
  readonly effect: SessionEffect;
  readonly version?: number;
  readonly demandsNoBoundKey?: boolean;
  /** By outcome. `blocking`: a mismatch that used the last try. */
  readonly written: Readonly<Record<string, Written>>;
}

/** `spent` where another message was first: what that one did. */
type Decided = Outcome | Extract<SignedOutcome, { result: "spent" }>;

/** Commits what comes of a message. @throws LinchpinError `unavailable`: nothing was written */
export async function decideMessage(context: Context, run: NativeRun, intent: Intent): Promise<Decided> {
  const { session } = run;
  const decision = await context.store.spendSession(messageOf(context, run, intent)).catch(asUnavailable);
  if (decision.isFirst) return outcomeOf(session, decision);
  const first = await context.store.findSpentSession(session.hash);
  if (first === null) throw new LinchpinError("unavailable", { reason: "a session was spent and expired meanwhile" });
  return spentOutcome(first.messageHash, outcomeOf(session, first));
}

/** The same key was bound, or the PIN that is revealed was changed, at the same moment: nothing was written. */
function asUnavailable(error: unknown): never {
  if (error instanceof LinchpinError && error.code === "conflict")
    throw new LinchpinError("unavailable", { reason: "the key was bound, or the PIN changed, just now" });
  throw error;
}

function messageOf(context: Context, run: NativeRun, intent: Intent): SessionMessage {
  const { session, message, card, code, limits, refusal, failedToOpen } = run;
  const { claims, hash } = session;
  return {
    sessionHash: hash,
    messageHash: message.hash,
    expiresAt: new Date(1000 * claims.exp + hourMs),
    at: context.clock(),
    cardId: card.id,
    personId: card.person.id,
    partnerId: card.partnerId,
    device: claims.auth === "device" ? claims.device : null,
    isNativeOnly: settingsOf(card.program).nativeOnly,
    code: code && { ...code, limits },
    demandsNoBoundKey: intent.demandsNoBoundKey ?? false,
    version: intent.version ?? null,
    failedToOpen,
    refusal: refusal && (signedRefusalOf(refusal) ?? null),
    effect: intent.effect,
    auditAndOutbox: {
      ...refusedBy(context, run),
      ...blockedBy(context, run, intent.effect),
      ...doneBy(context, run, intent.written),
    },
  };
}

function doneBy(context: Context, { card, facts }: NativeRun, written: Intent["written"]) {
  return Object.fromEntries(
    Object.entries(written).map(([outcome, { facts: more = {}, outbox }]): [string, AuditAndOutbox] => [
      outcome,
      { audit: auditDone(context, { cardId: card.id }, facts.with(more)), outbox },
    ]),
  );
}

/** The statement puts the code of its refusal where `refused` stands; what was refused before it has a reason of its own. */
function refusedBy(context: Context, { card, facts, refusal }: NativeRun): Record<string, AuditAndOutbox> {
  const event = (error: Parameters<typeof auditRefused>[2]): AuditAndOutbox => ({
    audit: auditRefused(context, { cardId: card.id }, error, facts),
    outbox: [],
  });
  const refused = event({ code: "refused", reason: undefined });
  return refusal === null ? { refused } : { refused, [signedRefusalOf(refusal) ?? "pin_refused"]: event(refusal) };
}

/** For a wrong PIN that was presented to bind a device, and used the last try. */
function blockedBy(
  context: Context,
  { card, facts }: NativeRun,
  effect: SessionEffect,
): Record<string, AuditAndOutbox> {
  if (effect.type !== "bind" || effect.presented === null) return {};
  const outbox = cardEvents(context, card, "pin.blocked", { pinVersion: card.pin.version });
  const refused = { code: "pin_refused", reason: undefined } as const;
  return { blocking: { audit: auditRefused(context, { cardId: card.id }, refused, facts), outbox } };
}
