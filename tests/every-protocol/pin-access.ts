import type { SolarisCardholder } from "@linchpin/testing/solaris";

/** How one protocol sets, reads and checks the PIN of a card; a file here for each, by the protocol's name. */
export interface PinAccess {
  /** Each sets the card's PIN and resolves to the PIN that the card has then. */
  readonly writers: Readonly<Record<string, (holder: SolarisCardholder, digits: string) => Promise<string>>>;
  /** Each tells whether the card's PIN is `guess`. */
  readonly readers: Readonly<Record<string, (holder: SolarisCardholder, guess: string) => Promise<boolean>>>;
}
