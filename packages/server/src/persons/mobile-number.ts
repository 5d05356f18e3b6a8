import { LinchpinError } from "@linchpin/core";
import type { MobileNumber, Person } from "@linchpin/store";

/**
 * E.164 with a plus sign: up to 15 digits, no leading zero. E.164 has no least number; below 7 digits nobody has a
 * mobile. As Solaris does, spaces, dashes, underscores and slashes are taken out first.
 * @throws LinchpinError `request_invalid`
 */
export function parseMobileNumber(text: string): string {
  const number = text.replace(/[ \-_/]/g, "");
  if (!/^\+[1-9][0-9]{6,14}$/.test(number))
    throw new LinchpinError("request_invalid", { field: "number", reason: "not a number by E.164" });
  return number;
}

/** The person's number, if it is the one that was named. @throws LinchpinError `mobile_number_unknown`, `request_invalid` */
export function namedNumberOf(person: Person, named: string | undefined): MobileNumber {
  const { mobileNumber } = person;
  if (mobileNumber === null || (named !== undefined && parseMobileNumber(named) !== mobileNumber.number))
    throw new LinchpinError("mobile_number_unknown", { field: "number" });
  return mobileNumber;
}
