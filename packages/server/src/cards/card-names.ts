import { randomBytes } from "node:crypto";
import type { CardNameMakers } from "../context/index.ts";
import type { RandomBytes } from "../identifiers.ts";

/** New identifiers of one card, by the name of the protocol. */
export function makeCardNames(makers: CardNameMakers, random: RandomBytes = randomBytes): Record<string, string> {
  return Object.fromEntries(Object.entries(makers).map(([protocol, make]) => [protocol, make(random)]));
}
