import {
  bytesFromBase64url,
  type Jwe,
  LinchpinError,
  openJwe,
  Pin,
  type Primitives,
  parseJwe,
  textFromUtf8,
  type Unwrap,
  utf8,
  withContentKey,
} from "@linchpin/core";
import { stripeKeyPurpose } from "./key-purpose.ts";
import { stripePinProfile } from "./profile.ts";
import type { CardReply, PinKeyReply } from "./wire.ts";

export { stripeKeyPurpose, stripePinProfile };

/** What a sandbox adds to the routes. */
export interface StripeSandbox {
  /** The program of the cards that partners create, where the operator names none. */
  readonly createdCardsProgramId: string;
  /** The digits of the PIN of a card that is created without one, as the vendor's test mode has it. */
  readonly firstPin: string;
}

/** A sealed PIN, taken apart but not opened. */
export interface SealedPin {
  readonly keyId: string;
  /** SHA-256 of the compact JWE. Its base64url is canonical, so one JWE has one replay mark. */
  readonly mark: Uint8Array;
  readonly jwe: Jwe;
}

/**
 * @throws LinchpinError `jwe_malformed`, also where the header has no kid or a member beside alg, enc and kid
 */
export async function parseSealedPin(primitives: Primitives, compact: string, mark?: Uint8Array): Promise<SealedPin> {
  const jwe = parseJwe(stripePinProfile, compact);
  if (jwe.kid === null) throw malformed("the header has no kid: name the key by its key_id");
  if (membersOf(jwe.protectedText).length > 3) throw malformed("the header has members beside alg, enc and kid");
  return { keyId: jwe.kid, mark: mark ?? (await markOf(primitives, compact)), jwe };
}

/** The header's, which core lets have `typ` and `cty`. */
function membersOf(protectedText: string): string[] {
  return Object.keys(JSON.parse(textFromUtf8(bytesFromBase64url(protectedText))));
}

/** The replay mark of a sealed PIN. */
export function markOf(primitives: Primitives, compact: string): Promise<Uint8Array> {
  return primitives.sha256(utf8(compact));
}

/**
 * @throws LinchpinError `pin_length` for fewer than 4 or more than 12 digits; `decryption_failed`, whatever else was
 *   wrong; what `unwrap` throws
 */
export function openSealedPin(primitives: Primitives, { jwe }: SealedPin, unwrap: Unwrap): Promise<Pin> {
  const { wrappedKey } = jwe;
  const lengthBytes = stripePinProfile.contentKeyBytes;
  return withContentKey(unwrap, { wrappedKey, lengthBytes }, async (contentKey) =>
    pinOfDigits(await openJwe(primitives, stripePinProfile, jwe, contentKey)),
  );
}

/** Wipes `digits`. */
function pinOfDigits(digits: Uint8Array): Pin {
  try {
    if (digits.length === 0 || digits.some((digit) => digit < 0x30 || digit > 0x39))
      throw new LinchpinError("decryption_failed", { reason: "it opened, but is not ASCII digits alone" });
    if (digits.length < 4 || digits.length > 12) throw new LinchpinError("pin_length", { field: "pin" });
    return new Pin(digits);
  } finally {
    digits.fill(0);
  }
}

/** `spkiPem`: the key in PEM. */
export function describeKey(key: { id: string; n: string; e: string; spkiPem: string }): PinKeyReply {
  const { id, n, e, spkiPem } = key;
  return { key_id: id, jwk: { kty: "RSA", n, e, kid: id, use: "enc", alg: "RSA-OAEP" }, pkcs8: spkiPem };
}

/** What an answer says of a card. */
export interface DescribedCard {
  readonly id: string;
  readonly state: "active" | "blocked" | "terminated";
  readonly isPinBlocked: boolean;
  readonly personId: string;
  readonly createdAt: Date;
  readonly expiration: { readonly month: number; readonly year: number } | null;
  /** What was kept of the card, by the names below. */
  readonly details: Readonly<Record<string, string>>;
  readonly isLive: boolean;
}

/** The names of what is kept of a card. Metadata is kept by its key behind `metadataPrefix`. */
export const metadataPrefix = "metadata.";

export function describeCard(card: DescribedCard): CardReply {
  const { details } = card;
  return {
    id: card.id,
    object: "issuing.card",
    brand: null,
    cancellation_reason: (details["cancellation_reason"] as CardReply["cancellation_reason"]) ?? null,
    cardholder: { id: card.personId, object: "issuing.cardholder" },
    created: Math.floor(card.createdAt.getTime() / 1000),
    currency: details["currency"] ?? null,
    exp_month: card.expiration?.month ?? null,
    exp_year: card.expiration?.year ?? null,
    last4: null,
    latest_fraud_warning: null,
    lifecycle_controls: null,
    livemode: card.isLive,
    metadata: Object.fromEntries(
      Object.entries(details).flatMap(([name, value]) =>
        name.startsWith(metadataPrefix) ? [[name.slice(metadataPrefix.length), value]] : [],
      ),
    ),
    personalization_design: null,
    replaced_by: null,
    replacement_for: null,
    replacement_reason: null,
    second_line: null,
    shipping: null,
    spending_controls: JSON.parse(details["spending_controls"] ?? "{}"),
    status: statusOf(card),
    type: (details["type"] as CardReply["type"]) ?? null,
    wallets: null,
  };
}

/** A card that another protocol made is active here until this one says otherwise. */
function statusOf({ state, isPinBlocked, details }: DescribedCard): CardReply["status"] {
  if (state === "terminated") return "canceled";
  return state === "active" && !isPinBlocked && details["status"] !== "inactive" ? "active" : "inactive";
}

function malformed(reason: string): LinchpinError {
  return new LinchpinError("jwe_malformed", { reason });
}
