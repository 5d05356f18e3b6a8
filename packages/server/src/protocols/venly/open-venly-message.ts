import { openMessage, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { House } from "../../context/context.ts";

/** One of Venly's readers. */
export type Read<Content> = Parameters<typeof openMessage<Content>>[3];

/** The vault unwraps, core opens. @throws LinchpinError `decryption_failed` */
export function openVenlyMessage<Content>(house: House, sealed: SealedMessage, read: Read<Content>): Promise<Content> {
  const unwrap = (keyId: string, wrappedKey: Uint8Array, lengthBytes: number) =>
    house.keyring.unwrap("venly", keyId, wrappedKey, lengthBytes);
  return openMessage(house.primitives, sealed, unwrap, read);
}
