import type { Pin } from "@linchpin/core";
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

/** A PIN, and the replay mark of its session key. */
export interface OpenedPin extends ReplayMark {
  readonly pin: Pin;
  wipe(): void;
}

/** @throws LinchpinError `decryption_failed` */
export async function openAdyenPin(
  context: Context,
  sealed: Sealed & Pick<PinChangeRequest, "encryptedPinBlock" | "token">,
): Promise<OpenedPin> {
  const sessionKey = await openAdyenSessionKey(context, sealed);
  try {
    const pin = await openPinBlock(context.primitives, sealed, sessionKey);
    return { pin, mark: sessionKey.mark, keyId: sessionKey.keyId, wipe: () => pin.wipe() };
  } finally {
    sessionKey.wipe();
  }
}
