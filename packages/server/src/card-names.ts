import { makeSolarisId } from "./identifiers.ts";

/** How each protocol names a card. A new protocol adds its row here. */
export const cardNameMakers = {
  solaris: () => makeSolarisId("mcrd"),
} as const satisfies Record<string, () => string>;

/** One card's names, fresh. */
export function makeCardNames(): Record<string, string> {
  return Object.fromEntries(Object.entries(cardNameMakers).map(([protocol, make]) => [protocol, make()]));
}
