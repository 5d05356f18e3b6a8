import type { KeyPolicy } from "@linchpin/vault";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import type { AuditCatalogue } from "./audit/index.ts";
import type { CardNameMakers, Context, StepColumn, Webhooks } from "./context/index.ts";
import type { Explain, ProtocolOpenapi, SecurityScheme } from "./http/index.ts";
import type { RandomBytes } from "./identifiers.ts";
import type { SettingRows, Settings } from "./settings/index.ts";

/**
 * A protocol as the issuer knows it: a row of the protocol table. `Own` are the values of the protocol's own settings,
 * `InSandbox` is what a sandbox adds to its routes. Members that take them are methods, so that the table, which knows
 * neither, can hold every protocol.
 */
export interface Protocol<Own extends object = object, InSandbox extends object = object> {
  /** Names the protocol in credentials, in the names of cards and in audit events. */
  readonly name: string;
  /** Base path. */
  readonly prefix: string;
  /** The ways in which callers may authenticate, as security schemes of `/openapi.json`; `bearer` unless said. */
  readonly security?: readonly SecurityScheme[];
  /** The shape of its errors: `/openapi.json` says it of every route. */
  readonly errorReply: TSchema;
  /** What `/openapi.json` says besides: examples, headers, webhooks. */
  readonly openapi: ProtocolOpenapi;
  /** The protocol's own settings, by their names in `Own`. */
  readonly settings: SettingRows & { readonly [Name in keyof Own]: unknown };
  routes(app: FastifyInstance, options: RoutesOptions<Own, InSandbox>): Promise<void>;
  /** The protocol's columns of the step table. */
  readonly operations: readonly StepColumn[];
  /** The audit events of the protocol; `docs/audit-events.md` lists them. */
  readonly auditEvents: AuditCatalogue;
  /** The keys that only this protocol uses, by their purpose; no two protocols have a purpose of one name. */
  keyPurposes(settings: Own): Readonly<Record<string, KeyPolicy>>;
  /** The longest time that a request may take, where it waits for a server of the operator's. */
  maxRequestDurationMs?(settings: Own): number;
  /** The protocol's webhooks; null where these settings allow none. */
  webhooks?(settings: Own): Webhooks | null;
  /** Makes a new identifier of a card; null where the protocol has none. */
  readonly makeCardName: ((random: RandomBytes) => string) | null;
}

export interface RoutesOptions<Own extends object = object, InSandbox extends object = object> {
  readonly context: Context;
  readonly explain: Explain;
  /** The values of the protocol's own settings. */
  readonly settings: Own;
  /** What the sandbox adds to this protocol; null in production, and where it adds nothing. */
  readonly sandbox: InSandbox | null;
}

/** The protocols that the operator has turned on. */
export function enabledProtocolsOf(
  protocols: readonly Protocol[],
  { enabledProtocols }: Pick<Settings, "enabledProtocols">,
): readonly Protocol[] {
  return enabledProtocols === null ? protocols : protocols.filter(({ name }) => enabledProtocols.includes(name));
}

/** The functions that make a card's identifiers, for the protocols in which cards have one. */
export function cardNameMakersOf(protocols: readonly Protocol[]): CardNameMakers {
  return Object.fromEntries(
    protocols.flatMap(({ name, makeCardName }) => (makeCardName === null ? [] : [[name, makeCardName]])),
  );
}

/** The webhooks of the protocols that have some by these settings. */
export function webhooksOf(
  protocols: readonly Protocol[],
  settings: Pick<Settings, "protocols">,
): Readonly<Record<string, Webhooks>> {
  const all = protocols.map(
    (protocol) => [protocol.name, protocol.webhooks?.(ownSettings(protocol, settings))] as const,
  );
  return Object.fromEntries(all.flatMap(([name, webhooks]) => (webhooks ? [[name, webhooks]] : [])));
}

/** The longest time from a whole request to its answer, where it waits for a server of the operator's. */
export function longestAnswerMsOf(protocols: readonly Protocol[], settings: Pick<Settings, "protocols">): number {
  const durations = protocols.map((protocol) => protocol.maxRequestDurationMs?.(ownSettings(protocol, settings)) ?? 0);
  return Math.max(0, ...durations);
}

/** The values of a protocol's own settings. */
export function ownSettings({ name }: Pick<Protocol, "name">, { protocols }: Pick<Settings, "protocols">): object {
  return protocols[name] ?? {};
}
