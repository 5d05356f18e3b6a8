import type { ErrorCode } from "@linchpin/core";
import {
  lithicKeyPurpose,
  maxMessageBytes,
  type OpenedPin,
  openSealedPin,
  parseSealedPin,
  type SealedPin,
} from "@linchpin/protocols/lithic/issuer";
import type { Card, MarksOfMessage } from "@linchpin/store";
import type { Context } from "../../context/index.ts";
import { checkPolicy, checkRulesOfDigits } from "../../pin/index.ts";

// The steps of both operations in which a PIN comes in as an RSA ciphertext over a nonce and the PIN.

interface WithPin {
  readonly sealedPin: string;
}

/** @throws LinchpinError `encoding_invalid` */
export function parseLithicPin(context: Context, { sealedPin }: WithPin): Promise<SealedPin> {
  return parseSealedPin(context.primitives, sealedPin);
}

/** The message names no key: every accepted one is tried, always all of them. @throws LinchpinError `decryption_failed` */
export async function openLithicPin(
  { keyring, primitives }: Context,
  { ciphertext }: SealedPin,
  card: Pick<Card, "id">,
): Promise<OpenedPin> {
  return openSealedPin(primitives, await keyring.unwrapByAny(lithicKeyPurpose, ciphertext, maxMessageBytes), card.id);
}

export function checkPolicyOfLithicPin(context: Context, { pin }: OpenedPin, card: Card): Promise<void> {
  return checkPolicy(context, pin, card);
}

export function checkRulesOfDigitsOfLithicPin(context: Context, { pin }: OpenedPin, card: Card): Promise<void> {
  return checkRulesOfDigits(context, pin, card);
}

/** What is spent with a PIN: the ciphertext on every card, and the nonce on this one. */
export function marksOf({ mark }: SealedPin, { mark: nonceMark, keyId }: OpenedPin): MarksOfMessage {
  return [
    { mark, keyId },
    { mark: nonceMark, keyId },
  ];
}

/** Only the answer about the PIN history depends on a secret that the sender does not know. */
export function marksOfReusedPin(code: ErrorCode, opened: OpenedPin, sealed: SealedPin): MarksOfMessage | null {
  return code === "pin_reused" ? marksOf(sealed, opened) : null;
}
