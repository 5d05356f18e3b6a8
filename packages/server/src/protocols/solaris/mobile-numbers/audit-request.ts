import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import { type AuditFacts, auditFacts, auditingRefusal, textDigest } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { findOwnPerson } from "../../../persons/index.ts";
import { solarisAudit } from "../audit.ts";

/** A request about the mobile number of a person of the caller's. */
interface MobileNumberRequestOf {
  readonly operation: `solaris.mobile_number.${"register" | "authorize" | "confirm"}`;
  readonly personId: string;
  readonly deviceData: string | undefined;
}

/**
 * Runs `work` for the person, with the facts of the operation's audit event. A refusal appends the event.
 * @throws LinchpinError `person_unknown`, and what `work` throws
 */
export async function auditRequest<Answer>(
  context: Context,
  caller: PartnerCaller,
  { operation, personId, deviceData }: MobileNumberRequestOf,
  work: (person: Person, facts: AuditFacts<"mobileNumberId">) => Promise<Answer>,
): Promise<Answer> {
  const person = await findOwnPerson(context, caller, personId);
  const facts = auditFacts(solarisAudit[operation], caller, {
    personId,
    deviceDataHmac: await textDigest(context, deviceData),
  });
  return auditingRefusal(context, { id: person.id }, facts, () => work(person, facts));
}

export function registrationNotAllowed(): LinchpinError {
  return new LinchpinError("caller_not_allowed", {
    reason:
      "the operator sets the mobile numbers of this partner's persons, unless told otherwise (`linchpin partner`)",
  });
}
