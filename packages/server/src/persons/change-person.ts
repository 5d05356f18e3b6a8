import { LinchpinError } from "@linchpin/core";
import { type AuditCaller, auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { deviceEvents } from "../outbox/index.ts";

// What an operator changes of a person for the native protocol.

/** Sets the name that devices show before a code is typed. @throws LinchpinError `person_unknown` */
export async function namePerson(
  context: Context,
  caller: AuditCaller,
  { personId, name }: { personId: string; name: string },
): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.person.name"], caller, { personId });
  const audit = auditDone(context, { id: personId }, facts);
  requireSet(await context.store.nameSessionHolder(personId, name, { audit, outbox: [] }));
}

/** Takes the person's codes again, after too many wrong ones in a row. @throws LinchpinError `person_unknown` */
export async function allowCodes(context: Context, caller: AuditCaller, personId: string): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.person.allow_codes"], caller, { personId });
  const audit = auditDone(context, { id: personId }, facts);
  requireSet(await context.store.allowSessionCodes(personId, { audit, outbox: [] }));
}

/** Counts wrong codes again that a restored database has forgotten. @throws LinchpinError `person_unknown` */
export async function countWrongCodes(
  context: Context,
  caller: AuditCaller,
  { personId, count }: { personId: string; count: number },
): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.person.count_codes"], caller, { personId, wrongCodes: count });
  const audit = auditDone(context, { id: personId }, facts);
  requireSet(await context.store.countWrongSessionCodes(personId, count, { audit, outbox: [] }));
}

/** Unbinds a device's key for good. @throws LinchpinError `not_found`: no live key of this person has the thumbprint */
export async function unbindKey(
  context: Context,
  caller: AuditCaller,
  { thumbprint, personId }: { thumbprint: string; personId: string },
): Promise<void> {
  const facts = auditFacts(issuerAudit["issuer.person.unbind_key"], caller, { personId, device: thumbprint });
  const audit = auditDone(context, { id: personId }, facts);
  const outbox = deviceEvents(context, "device.deleted", { personId, deviceId: thumbprint, protocol: "native" });
  const result = await context.store.unbindKey(thumbprint, personId, context.clock(), { audit, outbox });
  if (result === "unknown") throw new LinchpinError("not_found");
}

function requireSet(result: "set" | "unknown"): void {
  if (result === "unknown") throw new LinchpinError("person_unknown");
}
