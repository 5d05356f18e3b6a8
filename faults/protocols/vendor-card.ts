import type { Answered } from "../history.ts";

/** Sends one message, sealed before, to any server. */
type Send = (origin: string) => Promise<Answered>;

/** A card as a vendor's protocol has it: what its partner sends of its cardholder's device. */
export interface VendorCard {
  /** Seals a change, with a key that it fetches at `origin` where the protocol hands one on. */
  readonly sealChange: (origin: string, digits: string) => Promise<Send>;
  /** The same for a reveal; null where the protocol has none. */
  readonly makeReveal: ((origin: string) => Promise<Send>) | null;
}
