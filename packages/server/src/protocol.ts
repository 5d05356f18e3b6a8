import type { KeyPolicy } from "@linchpin/vault";
import type { FastifyInstance } from "fastify";
import type { Context } from "./context/context.ts";
import type { Explain } from "./http/answer-errors.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { Settings } from "./settings.ts";

/** What the house must know of a protocol: a row of `protocol-table.ts`. */
export interface Protocol {
  /** Names the protocol in credentials, in the names of cards and in audit events. */
  readonly name: string;
  /** Base path. */
  readonly prefix: string;
  /** By what callers identify, in the words of `openapi.ts`; `bearer` unless said. */
  readonly security?: "apiKey";
  readonly routes: (app: FastifyInstance, options: RoutesOptions) => Promise<void>;
  /** The keys that are the protocol's own; their names begin with the protocol's. */
  readonly keyPurposes: (settings: Pick<Settings, "adyenKeyWrap">) => Readonly<Record<string, KeyPolicy>>;
  /** A fresh name for a card; null where cards have none. */
  readonly makeCardName: (() => string) | null;
}

export interface RoutesOptions {
  readonly context: Context;
  readonly explain: Explain;
  /** What operators set of protocols. */
  readonly settings: Pick<
    Settings,
    "adyenKeyWrap" | "plumeryHkdfInfo" | "venlyProtected" | "venlyUpstreamUrl" | "venlyUpstreamTimeoutMs"
  >;
  /** Null in production. */
  readonly sandbox: Sandbox | null;
}
