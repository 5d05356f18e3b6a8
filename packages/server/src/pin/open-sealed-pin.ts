import type { Pin } from "@linchpin/core";
import { openSealedPin, type SealedPin } from "@linchpin/protocols/solaris/issuer";
import type { House } from "../context/context.ts";

/** The vault unwraps, core opens. @throws LinchpinError `decryption_failed` */
export function openSolarisPin(house: House, sealed: SealedPin): Promise<Pin> {
  return openSealedPin(house.primitives, sealed, (keyId, wrappedKey, lengthBytes) =>
    house.keyring.unwrap("solaris-pin", keyId, wrappedKey, lengthBytes),
  );
}
