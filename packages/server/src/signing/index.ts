export { attemptsAllowed, recordSigningAttempt, unlessRefused } from "./record-signing-attempt.ts";
export { macOfValue } from "./stored-signing-method.ts";
