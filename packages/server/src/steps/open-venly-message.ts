import { openMessage, parseMessage, readAndWipe, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { ReplayMark } from "@linchpin/store";
import type { House } from "../house.ts";
import { findKey } from "./find-key.ts";
import { lookForReplay } from "./look-for-replay.ts";

/** One of Venly's readers. */
type Read<Content> = Parameters<typeof openMessage<Content>>[3];

/** The vault unwraps, core opens. @throws LinchpinError `decryption_failed` */
export function openVenlyMessage<Content>(house: House, sealed: SealedMessage, read: Read<Content>): Promise<Content> {
  const unwrap = (keyId: string, wrappedKey: Uint8Array, lengthBytes: number) =>
    house.keyring.unwrap("venly", keyId, wrappedKey, lengthBytes);
  return openMessage(house.primitives, sealed, unwrap, read);
}

export interface OpenedBody<Content> {
  readonly content: Content;
  /** Null where the body was plain. */
  readonly mark: ReplayMark | null;
}

/**
 * A body that may be sealed. What it holds is the caller's to wipe.
 * @throws LinchpinError `json_invalid`, `request_invalid`, `decryption_failed`, `key_unknown`, `key_expired`, `replayed`
 */
export async function openVenlyBody<Content>(
  house: House,
  body: Uint8Array,
  read: Read<Content>,
): Promise<OpenedBody<Content>> {
  const message = await parseMessage(house.primitives, body);
  if ("plain" in message) return { content: readAndWipe(message.plain, read), mark: null };
  const { sealed } = message;
  await findKey(house, "venly", sealed.keyId);
  await lookForReplay(house, sealed);
  return { content: await openVenlyMessage(house, sealed, read), mark: sealed };
}
