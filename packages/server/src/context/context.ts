import type { Primitives } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import type { Keyring } from "@linchpin/vault";
import type { Logger } from "pino";
import type { WatchStep } from "../steps/watch-steps.ts";

/** What a use case is given: everything it needs that is not in the request. */
export interface Context {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly primitives: Primitives;
  readonly clock: () => Date;
  /** Six digits for an OTP or a TAN that goes to this number. */
  readonly makeOtp: (mobileNumber: string) => string;
  /** How many OTPs, TANs and activation codes may go out to one person in an hour. */
  readonly maxOtpsPerHour: number;
  /** Whether somebody receives events; in the sandbox, whoever looks. */
  readonly emitsEvents: boolean;
  readonly log: Logger;
  /** Only in a sandbox. */
  readonly watchStep?: WatchStep;
  /** Origin that callers reach the issuer at. */
  readonly publicUrl: () => string;
}

/** Who asks. Partners see their own persons, cards and devices; operators see all. */
export type Caller = PartnerCaller | { readonly kind: "operator"; readonly name: string };

export interface PartnerCaller {
  readonly kind: "partner";
  readonly partnerId: string;
  readonly clientId: string;
  readonly roles: readonly string[];
}

/** The partner that a sandbox seeds, by which its database is known. */
export const sandboxPartnerId = "sandbox";
