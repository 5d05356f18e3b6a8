import type { Pin } from "@linchpin/core";
import { openSealedPin, type SealedPin } from "@linchpin/protocols/sealed-pin/issuer";
import type { Context } from "../context/context.ts";

/** The vault unwraps, core opens. @throws LinchpinError `decryption_failed` */
export function openSolarisPin(context: Context, sealed: SealedPin): Promise<Pin> {
  return openSealedPin(context.primitives, sealed, (keyId, wrappedKey, lengthBytes) =>
    context.keyring.unwrap("solaris-pin", keyId, wrappedKey, lengthBytes),
  );
}
