export { type ErrorCode, errorCodes, LinchpinError } from "./errors.ts";
