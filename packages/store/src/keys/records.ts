import type { Expiration, Sealed } from "../records.ts";

/** How many values need a key to be opened or compared, by what they are. */
export interface ProtectedByKey {
  readonly pins: number;
  readonly pinHistory: number;
  /** New PINs of change requests that are not ended. */
  readonly requestedPins: number;
  readonly cardData: number;
  readonly challenges: number;
  /** TANs and strings to sign of change requests that are not ended. */
  readonly requestSecrets: number;
  readonly messages: number;
  readonly webhookSecrets: number;
  /** Without those that need recovery anyway. */
  readonly signingMethods: number;
}

/** What can be re-encrypted. Signing methods cannot: only their HMAC is stored. */
export type SealedKind = Exclude<keyof ProtectedByKey, "signingMethods">;

/** A stored value that is sealed by a key, with what it was sealed for. */
export interface SealedValue {
  readonly id: string;
  /** Of a PIN. Null on other kinds. */
  readonly version: number | null;
  /** Of card data. Null on other kinds. */
  readonly expiration: Expiration | null;
  readonly sealed: Sealed;
}
