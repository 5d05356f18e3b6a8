import { LinchpinError } from "@linchpin/core";
import type { Person } from "@linchpin/store";
import type { Context, PartnerCaller } from "../context/index.ts";

/** A person of this partner's. @throws LinchpinError `person_unknown` */
export async function findOwnPerson(context: Context, caller: PartnerCaller, personId: string): Promise<Person> {
  const person = await context.store.findPerson(personId);
  if (person === null || person.partnerId !== caller.partnerId)
    throw new LinchpinError("person_unknown", { field: "person_id" });
  return person;
}

/** Where OTPs and TANs go. @throws LinchpinError `mobile_number_missing` */
export function verifiedNumberOf(person: Person): string {
  if (person.mobileNumber === null || !person.mobileNumber.verified) throw new LinchpinError("mobile_number_missing");
  return person.mobileNumber.number;
}

/**
 * Whom letters go to: the number that an operator set. One that the partner registered may be its own.
 * @throws LinchpinError `mobile_number_missing`
 */
export function letterRecipientOf(person: Person): string {
  const number = verifiedNumberOf(person);
  if (!person.mobileNumber?.setByOperator)
    throw new LinchpinError("mobile_number_missing", { reason: "letters go only to a number that the operator set" });
  return number;
}
