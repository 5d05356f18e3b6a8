import type { RelayedMessage } from "./relayed-change.ts";

/** How a partner that lies stands between a phone and an answer that is sealed to a key of the phone's: a row's member. */
export interface RelayedReveal {
  /** The request with a key of the partner's in the place of the phone's. Null: it reveals nothing. */
  readonly askInstead: (message: RelayedMessage) => Promise<AskedInstead | null>;
  /** A request of the partner's own for a card's PIN, by its own credentials. */
  readonly askAlone: (card: string) => Promise<AskedAlone>;
  /** An answer with a PIN of the partner's choice, sealed to the phone's key. Null: the message asks for none. */
  readonly forge: (message: RelayedMessage, digits: string) => Promise<string | null>;
}

interface AskedAlone {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The PIN's digits, of an answer of success. */
  readonly digitsIn: (answer: string) => Promise<string>;
}

interface AskedInstead {
  readonly message: RelayedMessage;
  /** Opens the issuer's answer, and seals it to the phone's key. Null: it is a refusal. */
  readonly open: (answer: string) => Promise<{ readonly digits: string; readonly sealedAnew: string } | null>;
}
