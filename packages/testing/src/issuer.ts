import type {
  CardState,
  FaultStatus,
  JournalEntry,
  JournalFilter,
  SandboxDescription,
  SandboxDevice,
  SandboxMessage,
  SandboxOptions,
  SandboxOutboxEvent,
} from "@linchpin/sandbox";
import type { Logger } from "pino";

export interface IssuerOptions {
  /** The port of 127.0.0.1 that it listens on. A free one if absent or 0. */
  readonly port?: number;
  /**
   * What time it is for the issuer until `clock.advance` is called. A `Date`: it stands still. A function: as it says. The
   * system's clock if absent.
   */
  readonly clock?: Date | (() => Date);
  /**
   * With the same seed, the same calls of `makeCard` bring the same persons, cards, numbers and device keys, and the codes
   * to each mobile number are the same in their order. Access tokens, keys and what is sealed stay random.
   */
  readonly seed?: string;
  /** Where it stores everything. `memory` is also what it is where neither this nor `dataFolder` is given. */
  readonly store?: "memory";
  /** A folder that stays after `stop`, so that an issuer can be started on it again. If absent, all is in memory. */
  readonly dataFolder?: string;
  /** Settings by the names that `linchpin serve --help` lists, `LINCHPIN_DATABASE_URL` for instance. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Where the issuer's key pairs come from, which take most of a start to make. If absent: in memory, those that earlier
   * issuers of this process made; in a folder or a database, fresh ones.
   */
  readonly keyPairs?: NonNullable<SandboxOptions["keyPairs"]>;
  /** Silent if absent. */
  readonly log?: Logger;
}

/** A sandbox issuer in this process. */
export interface Issuer {
  /** Its origin, such as `http://127.0.0.1:43210`. */
  readonly url: string;
  /** Where it keeps its master key, and its database where no other is set. Null: in memory. */
  readonly dataFolder: string | null;
  /** Addresses and credentials of every protocol, and the card that every sandbox has: what `GET /sandbox` answers. */
  readonly credentials: SandboxDescription;
  readonly clock: IssuerClock;
  readonly faults: IssuerFaults;
  /**
   * A fresh person with a fresh card in this state, in the shape of `credentials`. With `device: "bound"` it has the
   * member `device`: an id, and a private key as a JWK.
   * @throws LinchpinError `request_invalid`: a member is not documented or out of its range, or needs a `pin`; `field`
   *   is the member
   */
  makeCard(state?: CardState): Promise<SandboxDescription & { readonly device?: SandboxDevice }>;
  /**
   * The requests that reached a protocol or the issuer API since the start or the last `reset`, oldest first; of one
   * protocol, or about one card. An entry is there before its answer arrives. None holds anything that a caller sent.
   */
  requests(filter?: JournalFilter): readonly JournalEntry[];
  /** The messages that would have gone out by SMS or post, newest last; to one mobile number, or all. */
  messages(to?: string): Promise<readonly SandboxMessage[]>;
  /** The events for the operator's systems, such as `pin.changed`, newest last. */
  events(): Promise<readonly SandboxOutboxEvent[]>;
  /**
   * Puts the issuer back to its start: cards, codes, tokens, limits, outbox, clock, faults and journal. `credentials`
   * stay. No request may be under way.
   */
  reset(): Promise<void>;
  /** Answers what it began, then stops. What was in memory is gone. */
  stop(): Promise<void>;
  /** `await using issuer = await startIssuer()` stops it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface IssuerClock {
  /** The issuer's time. */
  now(): Date;
  /**
   * Advances the clock at once, and resolves when what is due by then is done: expired rows are deleted, keys rotated,
   * deliveries tried again. Lifetimes of codes, tokens and keys, limits and grace periods follow.
   * @param duration `500ms`, `90s`, `6m`, `2h` or `30d`
   * @returns the new time
   * @throws LinchpinError `request_invalid`: `duration` is none of these; the clock never goes back
   */
  advance(duration: string): Promise<Date>;
}

export interface IssuerFaults {
  /**
   * Lets the next requests of a protocol fail. Faults wait in line; each takes the first requests that match.
   * @throws LinchpinError `request_invalid`: there is no such protocol, the protocol has no such status, or a member is
   *   out of its range; `field` is the member
   */
  next(fault: NextFault): void;
  /** Forgets the faults that wait. */
  clear(): void;
}

export interface NextFault {
  /** A member of `credentials`. */
  readonly protocol: keyof SandboxDescription;
  /**
   * 429, 500, 503: the answer has this status, in the protocol's own shape. `timeout`: there is no answer. `reset`: the
   * connection is reset. `unavailable`, `pending`: Adyen's answers to a PIN change; at `pending` the PIN is changed.
   * Absent: a delay alone.
   */
  readonly status?: FaultStatus;
  /** Before anything else happens. 0 to 600,000; real time, whatever the issuer's clock says. */
  readonly delayMs?: number;
  /** How many requests: 1 to 1000, 1 if absent. */
  readonly times?: number;
  /** Only requests whose path ends so: `/pins/change` for instance. */
  readonly path?: string;
  /**
   * What `timeout` and `reset` lose. `request`, if absent: the issuer does nothing. `answer`: it does what was asked,
   * and the caller does not learn of it.
   */
  readonly loses?: "request" | "answer";
}
