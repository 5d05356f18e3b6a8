import { utf8 } from "@linchpin/core";
import type { OutboxEntry } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";

export interface Message {
  readonly to: string;
  readonly channel: "sms" | "letter";
  /** Bytes, as a letter may hold a PIN. Wiped once sealed, or once that failed. */
  readonly text: Uint8Array;
}

/** A message to a person, sealed until it goes out. In order per recipient. */
export async function messageEntry(context: Context, { to, channel, text }: Message): Promise<OutboxEntry> {
  const id = makeId();
  const sealedText = await context.keyring.seal("secret", text, messageAssociatedData(id)).finally(() => text.fill(0));
  const createdAt = context.clock();
  return { id, orderingKey: to, topic: "message", recipient: to, channel, payload: null, sealedText, createdAt };
}

/** The text of a message, opened for its delivery. The caller wipes it. */
export async function openMessage(context: Context, entry: OutboxEntry): Promise<Uint8Array> {
  if (entry.sealedText === null) return new Uint8Array(0);
  return context.keyring.open("secret", entry.sealedText, messageAssociatedData(entry.id));
}

export const messageAssociatedData = (id: string) => utf8(`linchpin:message:${id}`);
