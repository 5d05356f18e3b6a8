import { openMessage, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { Context } from "../../context/index.ts";

/** One of Venly's readers. */
export type Read<Content> = Parameters<typeof openMessage<Content>>[3];

/** The vault unwraps, core opens. @throws LinchpinError `decryption_failed` */
export function openVenlyMessage<Content>(
  context: Context,
  sealed: SealedMessage,
  read: Read<Content>,
): Promise<Content> {
  const unwrap = (keyId: string, wrappedKey: Uint8Array, lengthBytes: number) =>
    context.keyring.unwrap("venly", keyId, wrappedKey, lengthBytes);
  return openMessage(context.primitives, sealed, unwrap, read);
}
