/**
 * A kind of audit event. An operation has one: the event says that the operation was done, or that it was refused.
 * `Fact` are the names of the facts that an event of this kind may have.
 */
export interface AuditEventKind<in Fact extends string = never> {
  /** Owner and operation, as in `solaris.pin_update_requests`. It stands in recorded events, so it never changes. */
  readonly operation: string;
  /** When such an event is appended, for the operator. */
  readonly when: string;
  /** What each fact means, by its name in the event. */
  readonly facts: { readonly [Name in Fact]: string };
}

/** Kinds of audit events by operation. `docs/audit-events.md` is made from all catalogues. */
export type AuditCatalogue = Readonly<Record<string, AuditEventKind>>;

type Rows = Readonly<Record<string, Omit<AuditEventKind<string>, "operation">>>;

/**
 * Declares the kinds of audit events of one owner: of the issuer, or of a protocol. An operation or a fact that stands
 * in no catalogue does not compile where an event is made.
 */
export function auditCatalogue<const Declared extends Rows>(
  rows: Declared,
): { readonly [Operation in keyof Declared]: AuditEventKind<keyof Declared[Operation]["facts"] & string> } {
  const kinds = Object.entries(rows).map(([operation, row]) => [operation, { operation, ...row }]);
  return Object.fromEntries(kinds);
}
