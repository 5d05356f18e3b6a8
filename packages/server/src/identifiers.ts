import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { type Primitives, randomCharacters, utf8 } from "@linchpin/core";

export type RandomBytes = Primitives["randomBytes"];

/** 32 hex digits: 128 random bits. */
export const makeHexId = (random: RandomBytes = randomBytes): string => Buffer.from(random(16)).toString("hex");

/** As Solaris writes them: 32 hex digits and what the thing is. */
export const makeSolarisId = (suffix: "cper" | "mcrd" | "csc" | "cmno", random: RandomBytes = randomBytes): string =>
  makeHexId(random) + suffix;

/** As Adyen writes them: `PI` and 23 capitals and digits. */
export const makePaymentInstrumentId = (random: RandomBytes = randomBytes): string =>
  `PI${Buffer.from(randomCharacters({ randomBytes: random }, capitalsAndDigits, 23)).toString()}`;

const capitalsAndDigits = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

export const makeId = (): string => randomUUID();

/** A random UUID (RFC 9562 §5.4), as `makeId`, from the caller's random bytes. */
export function makeUuid(random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = 0x40 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** 256 bits, URL-safe: API keys, client secrets, access tokens. */
export const makeSecret = (): string => randomBytes(32).toString("base64url");

/** Six digits, each number as likely. */
export const makeOtp = (): string => randomInt(1_000_000).toString().padStart(6, "0");
