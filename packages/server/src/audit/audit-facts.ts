import type { Caller, Context } from "../context/index.ts";
import type { AuditEventKind } from "./audit-catalogue.ts";

/**
 * The caller in an audit event. An event of the issuer itself has the caller `house`; a reader treats `system` as the
 * same.
 */
export type AuditCaller = Caller | SystemCaller;
export type SystemCaller = { readonly kind: "house" | "system" };
export const systemCaller: SystemCaller = { kind: "house" };

/** What JSON can hold. An `undefined` fact is left out of the event. Ids, versions and codes; never a secret. */
type FactValue = string | number | boolean | null | undefined | Date | readonly string[] | FactObject;
interface FactObject {
  readonly [name: string]: string | number;
}

/** Facts by name, each of which may be absent. */
export type FactValues<Fact extends string> = { readonly [Name in Fact]?: FactValue };

/**
 * The operation, the caller and the facts of an audit event. `Fact` are the names of the facts that this kind of event
 * may have, so that a function which adds a fact takes only the events that have it.
 */
export class AuditFacts<in Fact extends string = never> {
  readonly #content: Readonly<Record<string, unknown>>;

  constructor(content: Readonly<Record<string, unknown>>) {
    this.#content = content;
  }

  /** These facts and further ones; of two values of one fact, the further one. */
  with(more: FactValues<Fact>): AuditFacts<Fact> {
    return new AuditFacts({ ...this.#content, ...more });
  }

  /** Members of the event's content, in their order. */
  get content(): Readonly<Record<string, unknown>> {
    return this.#content;
  }
}

/** Begins an audit event of a kind. Facts stand in the event in the order in which they are given here. */
export function auditFacts<Fact extends string>(
  { operation }: AuditEventKind<Fact>,
  caller: AuditCaller,
  facts: FactValues<NoInfer<Fact>>,
): AuditFacts<Fact> {
  return new AuditFacts({ operation, caller, ...facts });
}

/** The audit event of an operation: its kind, and how it begins for a request. */
export interface OperationEvent<in Request, in Fact extends string> {
  readonly operation: string;
  begin(context: Context, caller: AuditCaller, request: Request): Promise<AuditFacts<Fact>>;
}

export function operationEvent<Request, Fact extends string>(
  kind: AuditEventKind<Fact>,
  factsOf: (request: Request, context: Context) => FactValues<NoInfer<Fact>> | Promise<FactValues<NoInfer<Fact>>>,
): OperationEvent<Request, Fact> {
  return {
    operation: kind.operation,
    begin: async (context, caller, request) => auditFacts(kind, caller, await factsOf(request, context)),
  };
}

/**
 * A name as a caller sent it, for the audit event of a refusal; undefined unless it has the form of the issuer's own
 * names, which are UUIDs and words in lower case. Any other text may be a PIN in the wrong field, and a hash of a PIN
 * is no better than the PIN.
 */
export function claimedName(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[a-z]+(-[a-z]+)*$/.test(text)
    ? text
    : undefined;
}
