import type { Attack } from "@linchpin/page";
import type { Context } from "@linchpin/server/issuer";

/** A message of the phone's, on its way to the issuer. */
export interface Passing {
  readonly url: string;
  readonly init: RequestInit;
  /** Sends to the issuer; what arrives there is shown as this message. */
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  /** Tells the page what the partner did, and what it found out. */
  readonly report: (attack: Attack) => void;
}

/** What a partner's backend does with each message, and what it remembers between them. */
export type RelayFault = (context: Context) => (passing: Passing) => Promise<Response>;

export const reads = ({ method }: RequestInit): boolean => method === "GET";

/** The same for a body that is text, which all of the relay's are. */
export const bodyOf = ({ body }: RequestInit): string => (typeof body === "string" ? body : "");
