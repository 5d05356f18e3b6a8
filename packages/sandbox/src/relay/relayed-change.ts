import type { JsonWebKey } from "node:crypto";

/** What the partner's backend holds in hand when it sends a message on. */
export interface RelayedMessage {
  readonly url: string;
  readonly body: string;
}

/** How a partner that lies finds its way in a protocol: a row's member. Null: the message is none of that kind. */
export interface RelayedChange {
  /** By a message that changes a PIN: the card, as the protocol names it. */
  readonly cardOf: (message: RelayedMessage) => string | null;
  /** The message for another card of the protocol. */
  readonly moveTo: (message: RelayedMessage, card: string) => RelayedMessage | null;
  /** The message with another device's key in the place of the one to bind. */
  readonly bindInstead?: (message: RelayedMessage, key: JsonWebKey) => RelayedMessage | null;
  /** An answer of success to a change, as nobody but the issuer should give it. */
  readonly success: { readonly status: number; readonly body: string | null };
  /** How what is sealed to the issuer's RSA key is read by whoever holds another key that was sealed to. */
  readonly envelope?: Envelope;
}

export interface Envelope {
  readonly scheme: "PKCS1" | "OAEP-SHA1" | "OAEP-SHA256";
  /** The wrapped content key, as it stands in the body. */
  readonly wrappedKeyIn: (body: string) => { readonly text: string; readonly encoding: "hex" | "base64url" } | null;
  /** The PIN's digits, of a request with the answer to it. */
  readonly digitsIn: (message: { body: string; answer: string }, contentKey: Uint8Array) => Promise<string | null>;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
export function parsed(text: string): any {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The JSON body with one member replaced. */
export const withMember = ({ url, body }: RelayedMessage, member: string, value: unknown): RelayedMessage => ({
  url,
  body: JSON.stringify({ ...parsed(body), [member]: value }),
});
