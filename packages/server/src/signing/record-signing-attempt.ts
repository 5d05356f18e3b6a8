import { LinchpinError } from "@linchpin/core";
import type { Consequences, OwnedSigningMethod, Signing, SigningRefusal } from "@linchpin/store";
import { type AuditFacts, auditDone, auditRefused } from "../audit/audit-entry.ts";
import type { House } from "../context/context.ts";
import type { Presented } from "../protocols/venly/signing-operation.ts";
import { untilSettled } from "../steps/retry-on-conflict.ts";
import { compareValue } from "./stored-signing-method.ts";

/** Wrong attempts in a row until a method is locked. */
export const attemptsAllowed = 10;

/**
 * Compares a presented method with the stored one. The comparison decides nothing by itself: the store counts the
 * attempt and says what comes of it, however many come at once, and only then is anything answered. `settle` writes
 * it down, with the change that it authorizes where there is one: that tells the audit of a match itself.
 * @throws LinchpinError `signing_method_incorrect`, `signing_method_locked`, `replayed`, `idempotency_key_used`,
 * `unavailable`
 */
export async function settlePresented<Done extends string>(
  house: House,
  presented: Presented,
  about: { facts: AuditFacts; isChange: boolean },
  settle: (signing: Signing) => Promise<Done | SigningRefusal>,
): Promise<Done> {
  const outcome = await untilSettled<OwnedSigningMethod, Done | SigningRefusal>(
    presented.method,
    async (method) => settle(await signingOf(house, presented, method, about)),
    async (method) => (await house.store.findSigningMethod(method.id)) ?? method,
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
  house: House,
  presented: Presented,
  { id, type, version, mac, userId }: OwnedSigningMethod,
  { facts, isChange }: { facts: AuditFacts; isChange: boolean },
): Promise<Signing> {
  const identity = { id, type, physicalDeviceId: presented.physicalDeviceId };
  const { matched, renewedMac } = await compareValue(house, identity, mac, presented.value);
  const subject = { id: userId };
  const refused = (more: object): Consequences => ({
    audit: auditRefused(house, subject, new LinchpinError("signing_method_incorrect"), { ...facts, ...more }),
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
    at: house.clock(),
    consequences: {
      match: isChange ? null : { audit: auditDone(house, subject, facts), outbox: [] },
      mismatch: refused({}),
      locking: refused({ locked: true }),
    },
  };
}
