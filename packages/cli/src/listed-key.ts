import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { type Answer, type HttpCaller, refusal } from "./http-caller.ts";

/** A key by name, never by value, as the issuer API lists it. */
export interface ListedKey {
  readonly id: string;
  readonly purpose: string;
  readonly version: number;
  readonly state: "pending" | "current" | "accepted" | "retired" | "destroyed";
  readonly algorithm: string;
  readonly vault: string;
  /** Whether new keys are made in that vault. */
  readonly atHome: boolean;
  readonly publicKey: string | null;
  readonly createdAt: string;
  readonly acceptedUntil: string | null;
}

/** How much is kept under a key, by kind. */
type Protected = Readonly<Record<string, number>>;

export interface ProtectingKey extends ListedKey {
  readonly protects: Protected;
  /** Until when it would be accepted if it were rotated now; null: for ever. */
  readonly acceptedUntilIfRotated: string | null;
}

/** `name` is a key's id, or its purpose and version as in `card-pin@2`. @throws Failure when there is none */
export async function findKey(issuer: HttpCaller, name: string): Promise<ProtectingKey> {
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const found = keys.find(({ id, purpose, version }) => id === name || `${purpose}@${version}` === name);
  if (found === undefined)
    throw new Failure(exitCodes.refused, `no key is called ${name}: \`linchpin keys list\` names them`);
  return issuer.ask<ProtectingKey>("GET", `/keys/${encodeURIComponent(found.id)}`);
}

/** The current key of a purpose. @throws Failure as the issuer says it when there is no such purpose */
export async function findCurrentKey(issuer: HttpCaller, purpose: string): Promise<ProtectingKey> {
  const keys = await issuer.ask<ListedKey[]>("GET", "/keys");
  const current = keys.find((key) => key.purpose === purpose && key.state === "current");
  if (current === undefined)
    throw new Failure(exitCodes.refused, `no key is for ${purpose}: \`linchpin keys list\` names what they are for`);
  return issuer.ask<ProtectingKey>("GET", `/keys/${encodeURIComponent(current.id)}`);
}

/** @throws Failure: the issuer does not tell it */
export function toldPublicKey(key: ListedKey): string {
  if (key.publicKey !== null) return key.publicKey;
  const reason = `the vault does not show that it holds the ${key.purpose} key ${key.id}: the issuer's log says why`;
  throw new Failure(exitCodes.refused, reason);
}

export function nameOf({ purpose, version }: ListedKey): string {
  return `${purpose}@${version}`;
}

const words: Readonly<Record<string, string>> = {
  pins: "stored PINs",
  formerPins: "former PINs",
  requestedPins: "PINs in change requests",
  cardData: "cards' PANs and CVV2s",
  challenges: "challenges",
  requestSecrets: "TANs and strings to sign",
  messages: "messages",
  webhookSecrets: "secrets of webhooks",
  signingMethods: "signing methods",
};

/** As in `3 stored PINs, 1 messages`; `nothing` where it is so. */
export function protectedInWords(protects: Protected): string {
  const parts = Object.entries(protects).filter(([, count]) => count > 0);
  return parts.length === 0 ? "nothing" : parts.map(([kind, count]) => `${count} ${words[kind] ?? kind}`).join(", ");
}

/** A refusal, with the count of what is in its way where that is why. */
export function keyRefusal(answer: Answer, { purpose }: ListedKey): Failure {
  const { protects } = (answer.body ?? {}) as { protects?: Protected };
  if (protects === undefined) return refusal(answer);
  const next =
    (protects["signingMethods"] ?? 0) > 0
      ? "each signing method moves to the current key at its next right use"
      : `\`linchpin keys reseal ${purpose}\` seals them anew; what waits for a person ends by itself`;
  return new Failure(
    exitCodes.refused,
    `the issuer refused: ${answer.status} conflict: kept under the key: ${protectedInWords(protects)}. ${next}`,
  );
}
