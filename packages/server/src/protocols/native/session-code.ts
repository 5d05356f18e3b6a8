import { copySecret, LinchpinError, utf8 } from "@linchpin/core";
import type { Session, SessionTerms } from "@linchpin/protocols/native/issuer";
import type { Card, CodeLimits, OutboxEntry } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../../audit/index.ts";
import { withCardData } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";
import { makeChallenge, openChallengeSecret } from "../../devices/index.ts";
import { messageEntry } from "../../outbox/index.ts";
import { letterRecipientOf } from "../../persons/index.ts";

/** The limits of a person and of a partner; how many codes a person is sent is the operator's. */
export function codeLimits(codesPerDay: number): CodeLimits {
  return { codesPerDay, wrongInARow: 10, wrongPerPartnerAndDay: 200 };
}

/** Where codes go: a number that the partner registered may be its own. @throws LinchpinError `mobile_number_missing` */
export function codeRecipientOf(card: Card): string {
  return letterRecipientOf(card.person);
}

/** As the device shows it: the country's beginning and the last two digits. */
export function maskNumber(number: string): string {
  return `${number.slice(0, 3)}…${number.slice(-2)}`;
}

/**
 * Sends a code to the person, and keeps it under the session's id.
 * @throws LinchpinError `rate_limited`: as many as are allowed went out today; `code_locked`
 */
export async function sendCode(
  context: Context,
  {
    sid,
    op,
    card,
    to,
    limits,
    facts,
  }: Pick<SessionTerms, "op"> & {
    sid: string;
    card: Card;
    to: string;
    limits: CodeLimits;
    facts: AuditFacts;
  },
): Promise<void> {
  const otp = context.makeOtp(to);
  const challenge = await makeChallenge(context, {
    id: sid,
    kind: "session_code",
    personId: card.person.id,
    partnerId: card.partnerId,
    deviceId: null,
    keyPurpose: null,
    secret: { otp, to },
  });
  const text = utf8(texts[op === "bind" ? "bind" : "pin-change"](otp));
  const outbox: OutboxEntry[] = [await messageEntry(context, { to, channel: "sms", text })];
  const audit = auditDone(context, { cardId: card.id }, facts);
  const result = await context.store.sendSessionCode(challenge, limits, { audit, outbox });
  if (result === "locked") throw new LinchpinError("code_locked");
  if (result === "rate_limited")
    throw new LinchpinError("rate_limited", { reason: "as many codes as are allowed went out to the person today" });
}

/** What the person typed must be this. No text but the code has six digits. */
const texts = {
  bind: (code: string) =>
    `${code} is your code to bind your device. Type it only into a device of yours that shows your own name and card. Never pass it on.`,
  "pin-change": (code: string) =>
    `${code} is your code to change the PIN of your card. Type it only where your own name and card are shown. Never pass it on.`,
} as const;

/** To the person, once a key is bound. */
export function boundMessage(context: Context, card: Card): Promise<OutboxEntry> {
  const text = utf8(
    "A device was bound in your name: it can show and change your PIN. If that was not you, call your bank now.",
  );
  return messageEntry(context, { to: codeRecipientOf(card), channel: "sms", text });
}

/** The code of a session and the digits of its card, to be compared with what comes. */
export interface ExpectedCode {
  readonly challengeId: string;
  readonly code: Uint8Array;
  /** The last eight of the PAN. */
  readonly digits: Uint8Array;
  wipe(): void;
}

/**
 * The caller wipes it.
 * @throws LinchpinError `session_unknown`: its code is gone, as after a restore, or went to a number that is no longer the
 *   person's; `card_data_not_set`
 */
export async function findExpectedCode(context: Context, { claims }: Session, card: Card): Promise<ExpectedCode> {
  const challenge = await context.store.findChallenge(claims.sid);
  if (challenge === null || challenge.kind !== "session_code" || challenge.personId !== card.person.id)
    throw new LinchpinError("session_unknown", { field: "session" });
  const { otp, to } = await openChallengeSecret(context, { ...challenge, kind: "session_code" });
  if (to !== card.person.mobileNumber?.number) throw new LinchpinError("session_unknown", { field: "session" });
  const digits = await withCardData(context, card.id, async ({ pan }) => copySecret(pan.subarray(-8)));
  const code = utf8(otp);
  const wipe = () => {
    for (const secret of [code, digits]) secret.fill(0);
  };
  return { challengeId: challenge.id, code, digits, wipe };
}
