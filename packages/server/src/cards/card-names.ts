import type { CardNameMakers } from "../context/index.ts";

/** New identifiers of one card, by the name of the protocol. */
export function makeCardNames(makers: CardNameMakers): Record<string, string> {
  return Object.fromEntries(Object.entries(makers).map(([protocol, make]) => [protocol, make()]));
}
