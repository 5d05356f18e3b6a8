export { allowCodes, countWrongCodes, namePerson, unbindKey } from "./change-person.ts";
export { findOwnPerson, letterRecipientOf, verifiedNumberOf } from "./find-person.ts";
export { makePerson } from "./make-person.ts";
export { namedNumberOf, parseMobileNumber } from "./mobile-number.ts";
export { replaceMobileNumber } from "./replace-mobile-number.ts";
