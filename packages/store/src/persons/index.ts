import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, MobileNumber, Person } from "../records.ts";
import { addPerson } from "./add-person.ts";
import { deleteMobileNumber } from "./delete-mobile-number.ts";
import { findPerson } from "./find-person.ts";
import { setMobileNumber } from "./set-mobile-number.ts";
import { verifyMobileNumber } from "./verify-mobile-number.ts";

export { countOtp } from "./count-otp.ts";

/** Persons and their mobile numbers. */
export interface PersonStore {
  /** `exists`: the id is taken. */
  addPerson(person: Person, auditAndOutbox: AuditAndOutbox): Promise<"added" | "exists" | "partner_unknown">;
  findPerson(id: string): Promise<Person | null>;
  /**
   * Gives the person a mobile number in place of the one before. A person has one number at a time.
   * `verified_exists`: the person has a verified number, which an unverified one does not replace. `not_allowed`: an
   * operator did not set it, and the person's partner may not register numbers.
   */
  setMobileNumber(
    personId: string,
    number: MobileNumber,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"set" | "verified_exists" | "not_allowed">;
  /**
   * Marks the number as verified. `unknown`: the person has no unverified number of this id. `not_allowed`: the person's
   * partner registered it, and may not register numbers any more.
   */
  verifyMobileNumber(
    personId: string,
    numberId: string,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"verified" | "unknown" | "not_allowed">;
  /** `unknown`: the person has no number of this id. */
  deleteMobileNumber(
    personId: string,
    numberId: string,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"deleted" | "unknown">;
}

export function personStore(database: Database): PersonStore {
  return bindQueries(database, { addPerson, findPerson, setMobileNumber, verifyMobileNumber, deleteMobileNumber });
}
