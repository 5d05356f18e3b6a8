import { checkPinPolicy, type Pin, type PinPolicy } from "@linchpin/core";

/**
 * Makes the message for a new PIN, once the policy lets it pass. However it ends, the PIN is wiped.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`
 */
export async function withNewPin<Message>(pin: Pin, policy: PinPolicy, make: () => Promise<Message>): Promise<Message> {
  try {
    checkPinPolicy(pin, policy);
    return await make();
  } finally {
    pin.wipe();
  }
}
