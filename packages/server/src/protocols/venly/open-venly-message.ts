import { openMessage, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";
import { unwrapBy } from "../../steps/index.ts";

/** One of Venly's readers. */
export type Read<Content> = Parameters<typeof openMessage<Content>>[3];

/** Opens a message: the vault unwraps the content key, core decrypts. @throws LinchpinError `decryption_failed` */
export function openVenlyMessage<Content>(
  context: Context,
  sealed: SealedMessage,
  key: KeyRecord,
  read: Read<Content>,
): Promise<Content> {
  return openMessage(context.primitives, sealed, unwrapBy(context, key), read);
}
