import type { Attack } from "@linchpin/page";
import type { Context } from "@linchpin/server/issuer";
import type { RelayedMessage } from "./relayed-change.ts";

/** A message of the phone's, on its way to the issuer. */
export interface Passing {
  readonly url: string;
  readonly init: RequestInit;
  /** Sends to the issuer; what arrives there is shown as this message. */
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  /** The same for a message of the partner's own, which no phone stands behind. */
  readonly sendOwn: (url: string, init: RequestInit) => Promise<Response>;
  /** Tells the page what the partner did, and what it found out. */
  readonly report: (attack: Attack) => void;
}

/** What a partner's backend does with each message, and what it remembers between them. */
export type RelayFault = (context: Context) => (passing: Passing) => Promise<Response>;

export const reads = ({ method }: RequestInit): boolean => method === "GET";

/** The same for a body that is text, which all of the relay's are. */
export const bodyOf = ({ body }: RequestInit): string => (typeof body === "string" ? body : "");

/** What the partner holds in hand. The relay's header names are in lower case. */
export const messageOf = ({ url, init }: Pick<Passing, "url" | "init">): RelayedMessage => ({
  url,
  body: bodyOf(init),
  headers: { ...(init.headers as Record<string, string>) },
});

/** The request as it is sent with another message in its place. */
export const withMessage = (init: RequestInit, { body, headers }: RelayedMessage): RequestInit => ({
  ...init,
  headers,
  ...(reads(init) ? {} : { body }),
});
