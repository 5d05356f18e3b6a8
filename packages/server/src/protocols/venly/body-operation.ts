import { type parseMessage, readAndWipe, type SealedMessage } from "@linchpin/protocols/venly/issuer";
import type { ReplayMark } from "@linchpin/store";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../../context/index.ts";
import { watched } from "../../steps/index.ts";
import type { openVenlyMessage, Read } from "./open-venly-message.ts";

/** The steps of a body that may be sealed: a column of the step table. A plain body takes only `parse`. */
export interface BodyOperation {
  readonly name: string;
  readonly parse: (context: Context, body: Uint8Array) => ReturnType<typeof parseMessage>;
  readonly key: (context: Context, sealed: SealedMessage) => Promise<KeyRecord>;
  /** An early check that saves work; the unique mark in the transaction of the change decides. */
  readonly replay: (context: Context, sealed: SealedMessage) => Promise<void>;
  readonly open: typeof openVenlyMessage;
}

interface OpenedBody<Content> {
  readonly content: Content;
  /** Null where the body was plain. */
  readonly mark: ReplayMark | null;
}

/**
 * Parses a body and opens it where it is sealed. The caller wipes its content.
 * @throws LinchpinError `json_invalid`, `request_invalid`, `decryption_failed`, `key_unknown`, `key_expired`, `replayed`
 */
export async function openBody<Content>(
  context: Context,
  column: BodyOperation,
  body: Uint8Array,
  read: Read<Content>,
): Promise<OpenedBody<Content>> {
  const operation = watched(context, column);
  const message = await operation.parse(context, body);
  if ("plain" in message) return { content: readAndWipe(message.plain, read), mark: null };
  const { sealed } = message;
  const key = await operation.key(context, sealed);
  await operation.replay(context, sealed);
  return { content: await operation.open(context, sealed, key, read), mark: sealed };
}
