import type { LinchpinError, P256Jwk } from "@linchpin/core";
import type { Context } from "@linchpin/server/issuer";
import type { FastifyInstance } from "fastify";
import type { RelayedBinding } from "./relay/relayed-binding.ts";
import type { RelayedChange } from "./relay/relayed-change.ts";
import type { RelayedReveal } from "./relay/relayed-reveal.ts";

/** What the sandbox has of a protocol: a row of the protocol table. */
export interface SandboxProtocol {
  /** As in the issuer's protocol table; also the protocol's member of `GET /sandbox`. */
  readonly name: string;
  /** The sandbox partner's credential. Known to everyone. */
  readonly clientId: string;
  readonly secret: string;
  readonly roles: readonly string[];
  /** The identifier of the sandbox's one card; null where the protocol has none. */
  readonly fixedCardName: string | null;
  /** How an integrator reaches this card. `baseUrl` is the origin with the protocol's base path. */
  readonly describe: (baseUrl: string, card: DescribedCard, origin: Origin) => Readonly<Record<string, unknown>>;
  /** What a device needs to know of the card besides its identifier: the page's phone gets it from its operator. */
  readonly forDevice?: (card: DescribedCard, origin: Origin) => Readonly<Record<string, unknown>>;
  /** Which messages are sealed to the key of which purpose; a relay that swaps or outlives keys needs to know. */
  readonly sealedMessages: readonly SealedMessage[];
  /** How a partner that lies handles a change of a card's PIN. */
  readonly change?: RelayedChange;
  /** And how the binding of a device. */
  readonly binding?: RelayedBinding;
  /** And an answer that is sealed to a key of the phone's. */
  readonly reveal?: RelayedReveal;
  /** The statuses `unavailable` and `pending` of a request at `path`; `pending` is the body of the latter's answer. */
  readonly answerFaults?: { readonly path: RegExp; readonly pending: object };
  /** Why this protocol refused a message, in more words than the refusal's own reason; null where it cannot tell. */
  readonly explain?: (context: ExplainContext, error: LinchpinError, request: RefusedRequest) => Promise<string | null>;
  /** What is likely wrong with a request to `path` that must be answered as if it were right; null: nothing. */
  readonly hint?: {
    readonly path: RegExp;
    readonly explain: (context: ExplainContext, path: string, members: StringMembers) => Promise<string | null>;
  };
  /** The mobile number for which the vendor publishes the OTP; the sandbox's person has it. */
  readonly fixedOtp?: { readonly mobileNumber: string; readonly otp: string };
  /** Called once at the start, where the sandbox adds something to this protocol. */
  readonly open?: (context: Context) => SandboxParts;
}

/** What the sandbox adds to a protocol. */
export interface SandboxParts {
  /** Goes to the routes of the issuer's half: the protocol's `InSandbox`. */
  readonly forIssuer: object;
  /** Routes of the sandbox's own, below `/sandbox`. */
  readonly routes?: (app: FastifyInstance) => Promise<void>;
}

/** What a device needs to know of the issuer's keys. */
export interface Origin {
  readonly issuerKeysUrl: string;
  /** The roots to pin. */
  readonly roots: readonly P256Jwk[];
  /** The public keys of a purpose that are accepted, SPKI in DER, the newest first; for protocols that publish none. */
  readonly publicKeysOf: (purpose: string) => readonly Uint8Array[];
  /** The same with their versions, for protocols in which several serve beside one another. */
  readonly keysOf: (purpose: string) => readonly { readonly version: number; readonly publicKeySpki: Uint8Array }[];
}

/** A person and a card, by the names that the protocols know them by. */
export interface SandboxCard {
  readonly cardId: string;
  readonly personId: string;
  readonly mobileNumber: string;
  readonly names: Readonly<Record<string, string>>;
}

export interface DescribedCard extends SandboxCard {
  /** The number on the card, which some protocols bind a PIN block to. */
  readonly pan: string;
}

interface SealedMessage {
  /** Matches the URL that the message is sent to. */
  readonly path: RegExp;
  readonly purpose: string;
}

/** The context, and what it takes to look inside a message that was refused. */
export interface ExplainContext extends Context {
  /** Null where the keys are in a token: nobody sees there how a key was wrapped. */
  readonly masterKey: Uint8Array | null;
}

/** A request that was refused. */
export interface RefusedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As the route's parser left it: bytes, where the route reads them itself. */
  readonly body: unknown;
  readonly members: StringMembers;
}

/** The members of a request's body that are strings. */
export type StringMembers = Readonly<Record<string, string | undefined>>;
