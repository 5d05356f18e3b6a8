import { randomBytes } from "node:crypto";
import type { Card, Challenge, CodeLimits, SessionMessage } from "@linchpin/store";
import { freshId, later, now, sealedText, written } from "../fresh-records.ts";

// Messages to sessions of the native protocol, as tests of the store write them.

export const limits: CodeLimits = { codesPerDay: 2, wrongInARow: 3, wrongPerPartnerAndDay: 5 };

/** A message that sets nothing right or wrong by itself; `effect` and the rest are the test's. */
export function messageTo(card: Card, message: Partial<SessionMessage> = {}): SessionMessage {
  return {
    sessionHash: randomBytes(32),
    messageHash: randomBytes(32),
    expiresAt: later,
    at: now,
    cardId: card.id,
    personId: card.person.id,
    partnerId: card.partnerId,
    device: null,
    isNativeOnly: false,
    code: null,
    demandsNoBoundKey: false,
    version: null,
    failedToOpen: false,
    refusal: null,
    effect: { type: "revealCardData" },
    auditAndOutbox: Object.fromEntries(outcomes.map((outcome) => [outcome, written(outcome, card.id)])),
    ...message,
  };
}

/** Of a code that was sent to the card's person. */
export function challengeOf(card: Card, at = now): Challenge {
  return {
    id: freshId("session"),
    kind: "session_code",
    personId: card.person.id,
    partnerId: card.partnerId,
    deviceId: null,
    keyPurpose: null,
    sealedSecret: sealedText("code"),
    state: "open",
    tries: 0,
    createdAt: at,
    expiresAt: new Date(at.getTime() + 300_000),
  };
}

export const thumbprintOf = () => randomBytes(32).toString("base64url").slice(0, 43).padEnd(43, "A");
const point = () => Uint8Array.of(4, ...randomBytes(64));
export const bindEffect = (thumbprint = thumbprintOf(), maxKeys = 5) =>
  ({ type: "bind", thumbprint, publicPoint: point(), maxKeys, presented: null }) as const;
export const bindByPin = (matched: boolean) => ({ ...bindEffect(), presented: { matched, tryLimit: 3 } }) as const;
export const codeOf = (challengeId: string, isRight: boolean) => ({ challengeId, isRight, limits });
export const changeTo = (pin: string) =>
  ({ type: "change", sealed: sealedText(pin), unblocks: true, offlinePin: false, pinHistoryLength: 1 }) as const;
export const verifyAs = (matched: boolean) => ({ type: "verify", matched, tryLimit: 3 }) as const;

const outcomes = [
  "bound",
  "changed",
  "match",
  "mismatch",
  "blocking",
  "blocked",
  "revealed",
  "card_blocked",
  "card_terminated",
  "device_unknown",
  "code_locked",
  "code_incorrect",
  "decryption_failed",
  "session_stale",
  "pin_refused",
  "too_many_devices",
  "pin_not_set",
  "pin_blocked",
];
