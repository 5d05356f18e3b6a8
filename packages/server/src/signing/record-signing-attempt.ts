import { LinchpinError } from "@linchpin/core";
import type { AuditAndOutbox, OwnedSigningMethod, ReplayMark, Signing, SigningRefusal } from "@linchpin/store";
import { type AuditFacts, auditDone, auditRefused } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { retryOnConflict } from "../steps/index.ts";
import { compareValue } from "./stored-signing-method.ts";

/** A signing method as a request presents it, and the stored one that it is compared with. */
export interface PresentedMethod {
  readonly method: OwnedSigningMethod;
  readonly value: Uint8Array;
  readonly physicalDeviceId: string | null;
  readonly idempotencyKey: string | null;
  /** Null where it came plain. */
  readonly mark: ReplayMark | null;
}

/** Wrong attempts in a row until a method is locked. */
export const attemptsAllowed = 10;

/**
 * Compares a presented method with the stored one. The comparison decides nothing by itself: the store counts the
 * attempt and returns its outcome, however many come at once, and only then is anything answered. `record` is that
 * statement of the store; where it also makes a change (`isChange`), the change writes the audit event of a match.
 * @throws LinchpinError `signing_method_incorrect`, `signing_method_locked`, `replayed`, `idempotency_key_used`,
 * `unavailable`; `signing_method_unknown`: the method was deleted meanwhile
 */
export async function recordSigningAttempt<Done extends string>(
  context: Context,
  presented: PresentedMethod,
  about: { facts: AuditFacts<"locked">; isChange: boolean },
  record: (signing: Signing) => Promise<Done | SigningRefusal>,
): Promise<Done> {
  const outcome = await retryOnConflict<OwnedSigningMethod, Done | SigningRefusal>(
    presented.method,
    async (method) => record(await signingOf(context, presented, method, about)),
    async ({ id }) => {
      const method = await context.store.findSigningMethod(id);
      if (method === null) throw new LinchpinError("signing_method_unknown");
      return method;
    },
  );
  return unlessRefused<Done>(outcome);
}

/** @throws LinchpinError `signing_method_incorrect`, `signing_method_locked`, `replayed`, `idempotency_key_used` */
export function unlessRefused<Done extends string>(outcome: Done | SigningRefusal): Done {
  const code = refusals.get(outcome);
  if (code !== undefined) throw new LinchpinError(code);
  return outcome as Done;
}

const refusals = new Map<
  string,
  "signing_method_incorrect" | "signing_method_locked" | "replayed" | "idempotency_key_used"
>([
  ["mismatch", "signing_method_incorrect"],
  ["locked", "signing_method_locked"],
  ["replayed", "replayed"],
  ["key_used", "idempotency_key_used"],
]);

async function signingOf(
  context: Context,
  presented: PresentedMethod,
  { id, type, version, mac, userId }: OwnedSigningMethod,
  { facts, isChange }: { facts: AuditFacts<"locked">; isChange: boolean },
): Promise<Signing> {
  const identity = { id, type, physicalDeviceId: presented.physicalDeviceId };
  const { matched, renewedMac } = await compareValue(context, identity, mac, presented.value);
  const subject = { id: userId };
  const refused = (more: { locked?: true }): AuditAndOutbox => ({
    audit: auditRefused(context, subject, new LinchpinError("signing_method_incorrect"), facts.with(more)),
    outbox: [],
  });
  return {
    methodId: id,
    version,
    matched,
    attemptsAllowed,
    renewedMac,
    mark: presented.mark,
    idempotencyKey: presented.idempotencyKey,
    at: context.clock(),
    auditAndOutbox: {
      match: isChange ? null : { audit: auditDone(context, subject, facts), outbox: [] },
      mismatch: refused({}),
      locking: refused({ locked: true }),
    },
  };
}
