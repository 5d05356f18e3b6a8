import { setTimeout as sleep } from "node:timers/promises";
import type { Answered } from "./history.ts";
import type { Message, Sender } from "./senders.ts";

const answerWithinMs = 5_000;

/** @throws a mistake of the load itself, which is no answer of a server's */
export async function answerOf(message: Message, origin: string): Promise<Answered> {
  const answering = message.send(origin).catch((error): Answered => ({ says: "unknown", why: reasonOf(error) }));
  const late = new AbortController();
  const silence = sleep(answerWithinMs, { says: "unknown", why: "no answer in time" } as const, late);
  try {
    return await Promise.race([answering, silence.catch(() => answering)]);
  } finally {
    late.abort();
  }
}

/** Null: the server gave no key to seal to. @throws as `answerOf` */
export async function sealedBy(sender: Sender, origin: string): Promise<Message | null> {
  const sealing = sender(origin).catch((error) => {
    reasonOf(error);
    return null;
  });
  const late = new AbortController();
  const silence = sleep(answerWithinMs, null, late).catch(() => null);
  try {
    return await Promise.race([sealing, silence]);
  } finally {
    late.abort();
  }
}

/** `fetch` rejects by a TypeError too, which has what happened to the connection as its cause. A mistake has none. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const isMistake = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  if (isMistake && cause === undefined) throw error;
  return (cause as { code?: string } | undefined)?.code ?? message;
}
