import type { ErrorCode, Pin } from "@linchpin/core";
import { openSealedPin, parseSealedPin, type SealedPin, stripeKeyPurpose } from "@linchpin/protocols/stripe/issuer";
import type { MarksOfMessage } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";
import { unwrapBy } from "../../steps/index.ts";

// The steps of both operations in which a PIN comes in as a JWE over its digits.

interface WithPin {
  readonly encryptedNumber: string;
}

export function parseStripePin(context: Context, { encryptedNumber }: WithPin): Promise<SealedPin> {
  return parseSealedPin(context.primitives, encryptedNumber);
}

/** As `parseStripePin`, where the replay mark was computed already: the JWE is hashed once. */
export function parseMarkedStripePin(
  context: Context,
  { encryptedNumber }: WithPin,
  { mark }: { readonly mark: Uint8Array },
): Promise<SealedPin> {
  return parseSealedPin(context.primitives, encryptedNumber, mark);
}

/** @throws LinchpinError `key_unknown`, `key_expired` */
export function findStripeKey(context: Context, { keyId }: SealedPin): Promise<KeyRecord> {
  return context.keyring.find(stripeKeyPurpose, keyId);
}

/** The vault unwraps the content key, core opens the content. @throws LinchpinError `decryption_failed` */
export function openStripePin(context: Context, sealed: SealedPin, _card: unknown, key?: KeyRecord): Promise<Pin> {
  return openSealedPin(context.primitives, sealed, unwrapBy(context, key));
}

/** The content is authenticated: only the answer about the PIN history depends on a secret that the sender does not know. */
export function marksOfReusedPin(code: ErrorCode, _opened: Pin, sealed: SealedPin): MarksOfMessage | null {
  return code === "pin_reused" ? [sealed] : null;
}
