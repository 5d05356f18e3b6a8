import { randomBytes, randomInt, randomUUID } from "node:crypto";

/** As Solaris writes them: 32 hex digits and what the thing is. */
export const makeSolarisId = (suffix: "cper" | "mcrd" | "csc" | "cmno"): string =>
  randomBytes(16).toString("hex") + suffix;

/** As Adyen writes them: `PI` and 23 capitals and digits. */
export const makePaymentInstrumentId = (): string =>
  `PI${Array.from({ length: 23 }, () => capitalsAndDigits[randomInt(36)]).join("")}`;

const capitalsAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export const makeId = (): string => randomUUID();

/** 256 bits, URL-safe: API keys, client secrets, access tokens. */
export const makeSecret = (): string => randomBytes(32).toString("base64url");

/** Six digits, each number as likely. */
export const makeOtp = (): string => randomInt(1_000_000).toString().padStart(6, "0");
