import { checkPinPolicy, type Pin, type PinPolicy } from "@linchpin/core";
import { onPlatform } from "./exchange.ts";

export interface NewPin {
  /** Wiped, however the call ends. */
  readonly pin: Pin;
  /** What it is held against before anything is sent. Default: four digits, no sequence, no digit three times. */
  readonly policy?: PinPolicy;
}

/**
 * Makes the message for a new PIN, once the policy lets it pass. However it ends, the PIN is wiped.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`; `platform_failed`
 */
export async function withNewPin<Message>(pin: Pin, policy: PinPolicy, make: () => Promise<Message>): Promise<Message> {
  try {
    checkPinPolicy(pin, policy);
    return await onPlatform(make);
  } finally {
    pin.wipe();
  }
}
