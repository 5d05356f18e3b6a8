/** What the partner's backend holds in hand when it sends a message on. */
export interface RelayedMessage {
  readonly url: string;
  readonly body: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a partner that lies finds its way in a protocol: a row's member. Null: the message is none of that kind. */
export interface RelayedChange {
  /** By a message that changes a PIN: the card, as the protocol names it. */
  readonly cardOf: (message: RelayedMessage) => string | null;
  /** The message for another card of the protocol. */
  readonly moveTo: (message: RelayedMessage, card: string) => RelayedMessage | null;
  /** Where the protocol knows no cards: makes something of the partner's own that a PIN can be moved to. */
  readonly makeOwn?: (send: (path: string, body: string) => Promise<Response>) => Promise<string>;
  /** Whether a message uses a PIN, without changing one. */
  readonly uses?: (message: RelayedMessage) => boolean;
  /** An answer of success to a change, as nobody but the issuer should give it. */
  readonly success: { readonly status: number; readonly body: string | null };
  /** How what is sealed to the issuer's RSA key is read by whoever holds another key that was sealed to. */
  readonly envelope?: Envelope;
}

export interface Envelope {
  readonly scheme: "PKCS1" | "OAEP-SHA1" | "OAEP-SHA256";
  /** The message, sealed anew: each content key in it unwrapped and wrapped again. */
  readonly rewrap: (message: RelayedMessage, rewrapKey: RewrapKey) => RelayedMessage;
  /** The PIN's digits, of a request with the answer to it. `contentKey` is the first that was unwrapped. */
  readonly digitsIn: (
    message: RelayedMessage & { readonly answer: string },
    contentKey: Uint8Array,
  ) => Promise<string | null>;
}

/** Unwraps a content key by the partner's key, and wraps it by the issuer's. */
export type RewrapKey = (wrappedKey: Buffer) => { readonly contentKey: Buffer; readonly rewrapped: Buffer };

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
export function parsed(text: string): any {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The message to where `path` is replaced in its URL; null: it is to none such. */
export const withPath = (message: RelayedMessage, path: RegExp, replacement: string): RelayedMessage | null =>
  path.test(message.url) ? { ...message, url: message.url.replace(path, replacement) } : null;

/** The JSON body with one member replaced. */
export const withMember = (message: RelayedMessage, member: string, value: unknown): RelayedMessage => ({
  ...message,
  body: JSON.stringify({ ...parsed(message.body), [member]: value }),
});
