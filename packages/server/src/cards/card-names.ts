import { protocolTable } from "../protocol-table.ts";

/** The protocols in which a card has a name, with what makes a fresh one. */
export const cardNameMakers: Readonly<Record<string, () => string>> = Object.fromEntries(
  protocolTable.flatMap(({ name, makeCardName }) => (makeCardName === null ? [] : [[name, makeCardName]])),
);

/** One card's names, fresh. */
export function makeCardNames(): Record<string, string> {
  return Object.fromEntries(Object.entries(cardNameMakers).map(([protocol, make]) => [protocol, make()]));
}
