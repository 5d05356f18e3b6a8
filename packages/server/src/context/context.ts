import type { Primitives } from "@linchpin/core";
import type { Store } from "@linchpin/store";
import type { Keyring } from "@linchpin/vault";
import type { Logger } from "pino";
import type { RandomBytes } from "../identifiers.ts";
import type { StepName } from "./step-rows.ts";
import type { Webhooks } from "./webhooks.ts";

/** The context of an operation: everything that it is given besides its request. */
export interface Context {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly primitives: Primitives;
  readonly clock: () => Date;
  /** Six digits for an OTP or a TAN that goes to this number. */
  readonly makeOtp: (mobileNumber: string) => string;
  /** How many OTPs, TANs and activation codes may go out to one person in an hour. */
  readonly maxOtpsPerHour: number;
  /** Whether events are written to the outbox: an event receiver is set, or this is a sandbox, which shows them. */
  readonly emitsEvents: boolean;
  /** Makes a new identifier of a card in each protocol that has one, by the name of the protocol. */
  readonly cardNameMakers: CardNameMakers;
  /** By the name of the protocol, of protocols whose partners may have webhooks. */
  readonly webhooks: Readonly<Record<string, Webhooks>>;
  readonly log: Logger;
  /** Only in a sandbox. */
  readonly watchStep?: WatchStep;
  /** Only in a sandbox: registers what forgets a state that this process keeps beside the store. */
  readonly onReset?: (forget: () => void) => void;
  /** The origin that callers reach the issuer at. */
  readonly publicUrl: () => string;
}

export type CardNameMakers = Readonly<Record<string, (random: RandomBytes) => string>>;

/** Receives each step of the step table as it ends. Only a sandbox has one: it shows them. */
export type WatchStep = (taken: StepTaken) => void;

export interface StepTaken {
  readonly operation: string;
  readonly step: StepName;
  /** The code of the refusal; null where the step let the request pass. */
  readonly refusal: string | null;
  readonly elapsedMs: number;
}

/** An authenticated caller. Partners see their own persons, cards and devices; operators see all. */
export type Caller = PartnerCaller | { readonly kind: "operator"; readonly name: string };

export interface PartnerCaller {
  readonly kind: "partner";
  readonly partnerId: string;
  readonly clientId: string;
  readonly roles: readonly string[];
}

/** The partner that a sandbox seeds. A database that holds it belongs to a sandbox. */
export const sandboxPartnerId = "sandbox";
