import type { KeyPolicy } from "@linchpin/vault";
import type { FastifyInstance } from "fastify";
import type { AuditCatalogue } from "./audit/index.ts";
import type { CardNameMakers, Context, StepColumn } from "./context/index.ts";
import type { Explain } from "./http/index.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Settings } from "./settings.ts";

/** What the issuer knows of a protocol: a row of the protocol table. */
export interface Protocol {
  /** Names the protocol in credentials, in the names of cards and in audit events. */
  readonly name: string;
  /** Base path. */
  readonly prefix: string;
  /** How callers authenticate, as a security scheme of `/openapi.json`; `bearer` unless said. */
  readonly security?: "apiKey";
  readonly routes: (app: FastifyInstance, options: RoutesOptions) => Promise<void>;
  /** The protocol's columns of the step table. */
  readonly operations: readonly StepColumn[];
  /** The audit events of the protocol; `docs/audit-events.md` lists them. */
  readonly auditEvents: AuditCatalogue;
  /** The keys that only this protocol uses; their names begin with the protocol's. */
  readonly keyPurposes: (settings: Pick<Settings, "adyenKeyWrap">) => Readonly<Record<string, KeyPolicy>>;
  /** Makes a new identifier of a card; null where the protocol has none. */
  readonly makeCardName: (() => string) | null;
}

export interface RoutesOptions {
  readonly context: Context;
  readonly explain: Explain;
  /** The operator's settings of protocols. */
  readonly settings: Pick<
    Settings,
    "adyenKeyWrap" | "plumeryHkdfInfo" | "venlyProtected" | "venlyUpstreamUrl" | "venlyUpstreamTimeoutMs"
  >;
  /** Null in production. */
  readonly sandbox: Sandbox | null;
}

/** What makes a card's identifiers, of the protocols in which cards have one. */
export function cardNameMakersOf(protocols: readonly Protocol[]): CardNameMakers {
  return Object.fromEntries(
    protocols.flatMap(({ name, makeCardName }) => (makeCardName === null ? [] : [[name, makeCardName]])),
  );
}
