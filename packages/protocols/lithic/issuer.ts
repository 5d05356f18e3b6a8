import { bytesFromBase64, LinchpinError, type Pin, type Primitives, utf8 } from "@linchpin/core";
import { lithicKeyPath, lithicKeyPurpose } from "./key-purpose.ts";
import { decodePinMessage } from "./pin-message.ts";
import type { CardReply, CardType } from "./wire.ts";

export { decodePinMessage, lithicKeyPath, lithicKeyPurpose };

/** What a sandbox adds to the routes. */
export interface LithicSandbox {
  /** The program of the cards that partners create, where the operator names none. */
  readonly createdCardsProgramId: string;
}

/** Of a modulus of 4096 bits. */
export const ciphertextBytes = 512;

/** As many bytes as OAEP with SHA-1 carries under it (RFC 8017 §7.1.1): JSON white space is the sender's to choose. */
export const maxMessageBytes = ciphertextBytes - 2 * 20 - 2;

/** A sealed PIN, decoded but not opened. */
export interface SealedPin {
  readonly ciphertext: Uint8Array;
  /** SHA-256 of the ciphertext: it is bound to no card, so that this is what keeps it from a second one. */
  readonly mark: Uint8Array;
}

/** @throws LinchpinError `encoding_invalid`: no base64 (RFC 4648 §4, padded) of 512 bytes */
export async function parseSealedPin(primitives: Primitives, text: string): Promise<SealedPin> {
  const ciphertext = bytesFromBase64(text);
  if (ciphertext.length !== ciphertextBytes)
    throw new LinchpinError("encoding_invalid", { reason: `pin has not the ${ciphertextBytes} bytes of RSA-4096` });
  return { ciphertext, mark: await primitives.sha256(ciphertext) };
}

/** The same for a text that is not a sealed PIN: what is none was never spent. */
export async function markOf(primitives: Primitives, text: string): Promise<Uint8Array> {
  try {
    return (await parseSealedPin(primitives, text)).mark;
  } catch {
    return primitives.sha256(utf8(text));
  }
}

/** A PIN and the mark of its nonce. */
export interface OpenedPin {
  readonly pin: Pin;
  /** A hash of nonce and card: the samples' nonces have 8 digits, so that two of a million meet by chance. */
  readonly mark: Uint8Array;
  /** The newest key that it may have been sealed to. */
  readonly keyId: string;
  wipe(): void;
}

/**
 * Reads what the vault unwrapped by one of the accepted keys; random bytes, where none of them fitted. `bytes` are wiped.
 * @throws LinchpinError `decryption_failed`, whatever was wrong
 */
export async function openSealedPin(
  primitives: Primitives,
  { keyId, bytes }: { readonly keyId: string; readonly bytes: Uint8Array },
  cardId: string,
): Promise<OpenedPin> {
  const { nonce, pin } = decodePinMessage(bytes);
  const mark = await primitives.sha256(utf8(`linchpin lithic nonce\0${cardId}\0${nonce}`));
  return { pin, mark, keyId, wipe: () => pin.wipe() };
}

/** What an answer says of a card. */
export interface DescribedCard {
  readonly token: string;
  readonly personId: string;
  readonly programId: string;
  readonly createdAt: Date;
  readonly state: "active" | "blocked" | "terminated";
  readonly pinStatus: "not_set" | "active" | "blocked";
  readonly pinVersion: number;
  /** The card's chip holds another version of the PIN, or does not know yet that it was unblocked. */
  readonly isChipPending: boolean;
  /** What was kept of the card, by the names of `CardDetails`. */
  readonly details: Readonly<Record<string, string>>;
}

/**
 * `unblocked` is the version of the PIN at which an unblock was sent to the chip: while the chip is pending at that
 * version, the PIN is still blocked to the card.
 */
export function describeCard(card: DescribedCard): CardReply {
  const { details, isChipPending } = card;
  const awaitsUnblock = isChipPending && details["unblocked"] === String(card.pinVersion);
  const pending = awaitsUnblock ? "UNBLOCK_PIN" : "CHANGE_PIN";
  return {
    token: card.token,
    account_token: card.personId,
    card_program_token: card.programId,
    created: card.createdAt.toISOString(),
    funding: null,
    last_four: null,
    ...(details["memo"] === undefined ? {} : { memo: details["memo"] }),
    ...(isChipPending ? { pending_commands: [pending] } : {}),
    pin_status: awaitsUnblock ? "BLOCKED" : pinStatuses[card.pinStatus],
    spend_limit: Number(details["spend_limit"] ?? 0),
    spend_limit_duration: (details["spend_limit_duration"] ?? "TRANSACTION") as CardReply["spend_limit_duration"],
    state: stateOf(card),
    type: typeOf(details),
  };
}

/** A card that another protocol made is virtual here. */
export function typeOf(details: Readonly<Record<string, string>>): CardType {
  return (details["type"] ?? "VIRTUAL") as CardType;
}

const pinStatuses = { not_set: "NOT_SET", active: "OK", blocked: "BLOCKED" } as const;

function stateOf({ state, details }: DescribedCard): CardReply["state"] {
  if (state === "terminated") return "CLOSED";
  return state === "active" && details["state"] !== "PAUSED" ? "OPEN" : "PAUSED";
}
