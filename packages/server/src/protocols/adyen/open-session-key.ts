import { LinchpinError, type Pin } from "@linchpin/core";
import {
  openPinBlock,
  openSessionKey,
  type SessionKey,
  sessionKeyBytes,
  type WrappedSessionKey,
} from "@linchpin/protocols/adyen/issuer";
import type { PinChangeRequest } from "@linchpin/protocols/adyen/wire";
import type { ReplayMark } from "@linchpin/store";
import type { Context } from "../../context/index.ts";

/** A session key as it came in, and which keys it may have been wrapped to. */
interface Sealed extends WrappedSessionKey {
  readonly keyPurpose: string;
}

/** Unwraps the session key by every accepted key. A ciphertext that no key unwraps yields a random session key. */
export async function openAdyenSessionKey(
  { keyring, primitives }: Context,
  { keyPurpose, wrappedKey }: Sealed,
): Promise<SessionKey> {
  return openSessionKey(primitives, await keyring.unwrapByAny(keyPurpose, wrappedKey, sessionKeyBytes));
}

/** A PIN, or why the block is none, and what its session key is spent by: a refusal spends it too. */
export interface OpenedPin extends ReplayMark {
  readonly pin: Pin | LinchpinError;
  wipe(): void;
}

export async function openAdyenPin(
  context: Context,
  sealed: Sealed & Pick<PinChangeRequest, "encryptedPinBlock" | "token">,
): Promise<OpenedPin> {
  const sessionKey = await openAdyenSessionKey(context, sealed);
  try {
    const pin = await openPinBlock(context.primitives, sealed, sessionKey).catch(refusalOf);
    const wipe = () => (pin instanceof LinchpinError ? undefined : pin.wipe());
    return { pin, mark: sessionKey.mark, keyId: sessionKey.keyId, wipe };
  } finally {
    sessionKey.wipe();
  }
}

function refusalOf(error: unknown): LinchpinError {
  if (error instanceof LinchpinError && error.code === "decryption_failed") return error;
  throw error;
}

/** @throws LinchpinError `decryption_failed` */
export function pinOf({ pin }: OpenedPin): Pin {
  if (pin instanceof LinchpinError) throw pin;
  return pin;
}
