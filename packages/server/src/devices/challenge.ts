import { LinchpinError } from "@linchpin/core";
import type { AuditAndOutbox, Challenge, ChallengeKind } from "@linchpin/store";
import type { Context, PartnerCaller } from "../context/index.ts";
import { dayMs, minuteMs } from "../durations.ts";
import { makeId } from "../identifiers.ts";
import { openSecret, sealSecret } from "../keys/index.ts";

/** A challenge of one kind, and with it of one kind of secret. */
export interface ChallengeOf<Kind extends ChallengeKind> extends Challenge {
  readonly kind: Kind;
}

/** The secret of each kind of challenge, which must be signed or typed. */
export interface ChallengeSecrets {
  /** An OTP of its own, or the code of an activation challenge. */
  readonly device_binding: { readonly otp: string } | { readonly activationChallengeId: string };
  readonly device_signing: { readonly stringToSign: string };
  /** The number is the one that the OTP went to: it verifies no other. */
  readonly mobile_number: { readonly otp: string; readonly mobileNumberId: string };
  readonly activation_code: { readonly code: string };
  /** A code of the native protocol, and where it went: the challenge has the id of the session that it was sent for. */
  readonly session_code: { readonly otp: string; readonly to: string };
}

/** The lifetime of a challenge, and the number of answers, right or wrong, that it accepts. */
interface ChallengeLimits {
  readonly lifetimeMs: number;
  readonly maxTries: number;
}

/** An activation code can be tried by one binding after the other: its own limit counts them all. */
const challengeLimits: Readonly<Record<ChallengeKind, ChallengeLimits>> = {
  device_binding: { lifetimeMs: 5 * minuteMs, maxTries: 3 },
  device_signing: { lifetimeMs: 5 * minuteMs, maxTries: 3 },
  mobile_number: { lifetimeMs: 5 * minuteMs, maxTries: 3 },
  activation_code: { lifetimeMs: 30 * dayMs, maxTries: 5 },
  // Its one answer is counted with the session.
  session_code: { lifetimeMs: 5 * minuteMs, maxTries: 1 },
};

export async function makeChallenge<Kind extends ChallengeKind>(
  context: Context,
  {
    secret,
    id = makeId(),
    ...about
  }: Pick<ChallengeOf<Kind>, "kind" | "personId" | "partnerId" | "deviceId" | "keyPurpose"> & {
    secret: ChallengeSecrets[Kind];
    id?: string;
  },
): Promise<Challenge> {
  const createdAt = context.clock();
  return {
    ...about,
    id,
    sealedSecret: await sealSecret(context, id, JSON.stringify(secret)),
    state: "open",
    tries: 0,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + challengeLimits[about.kind].lifetimeMs),
  };
}

/**
 * Stores a challenge together with the message that sends its OTP or code. `replaces`: ends the open challenges of its
 * kind.
 * @throws LinchpinError `rate_limited`; open challenges stay open
 */
export async function sendChallenge(
  { store, maxOtpsPerHour }: Context,
  challenge: Challenge,
  auditAndOutbox: AuditAndOutbox,
  { replaces }: { replaces: boolean },
): Promise<void> {
  const result = await store.addChallenge(challenge, auditAndOutbox, { maxOtpsPerHour, replaces });
  if (result === "rate_limited") throw tooManyOtps();
}

export function tooManyOtps(): LinchpinError {
  return new LinchpinError("rate_limited", { reason: "as many OTPs as are allowed went out to the person this hour" });
}

export async function openChallengeSecret<Kind extends ChallengeKind>(
  context: Context,
  challenge: ChallengeOf<Kind>,
): Promise<ChallengeSecrets[Kind]> {
  return JSON.parse(await openSecret(context, challenge.id, challenge.sealedSecret));
}

/** A challenge to a person of this partner's. @throws LinchpinError `challenge_unknown` */
export async function findOwnChallenge<Kind extends ChallengeKind>(
  context: Context,
  caller: PartnerCaller,
  kind: Kind,
  id: string,
): Promise<ChallengeOf<Kind>> {
  const challenge = await context.store.findChallenge(id);
  if (challenge === null || !isOfKind(challenge, kind) || challenge.partnerId !== caller.partnerId)
    throw new LinchpinError("challenge_unknown");
  return challenge;
}

/** The newest of its kind, if it can still be answered. */
export async function findOpenChallenge<Kind extends ChallengeKind>(
  context: Context,
  kind: Kind,
  personId: string,
): Promise<ChallengeOf<Kind> | null> {
  const challenge = await context.store.findOpenChallenge(kind, personId, context.clock());
  if (challenge === null || !isOfKind(challenge, kind)) return null;
  return challenge.tries < challengeLimits[kind].maxTries ? challenge : null;
}

/**
 * Counts an attempt. Called before the answer is compared, so that concurrent answers get no additional attempt.
 * @throws LinchpinError `challenge_ended`: answered, expired or out of tries
 */
export async function takeTry(context: Context, { id, kind }: Challenge): Promise<void> {
  const taken = await context.store.takeTry(id, challengeLimits[kind].maxTries, context.clock());
  if (taken === "ended") throw new LinchpinError("challenge_ended");
}

function isOfKind<Kind extends ChallengeKind>(challenge: Challenge, kind: Kind): challenge is ChallengeOf<Kind> {
  return challenge.kind === kind;
}
