import { type KeyObject, verify } from "node:crypto";
import type { Context } from "@linchpin/server/issuer";

/**
 * The code of six digits that a signature is over. Whoever holds the signature finds it by trying: a million tries take a
 * processor about a minute. So that nobody waits for them here, the sandbox's partner begins at `firstTry`.
 */
export function findSignedCode(signature: Uint8Array, key: KeyObject, firstTry: string): string | null {
  for (let number = Number(firstTry); number < 1e6; number++) {
    const code = `${number}`.padStart(6, "0");
    if (verify("sha256", Buffer.from(code), key, signature)) return code;
    if (number - Number(firstTry) > maxTries) break;
  }
  return null;
}

const maxTries = 2000;

/** A thousand before the code that went out to the person. */
export async function firstTryFor(context: Context, personId: string): Promise<string> {
  const number = (await context.store.findPerson(personId))?.mobileNumber?.number ?? "";
  const url = `${context.publicUrl()}/sandbox/messages?to=${encodeURIComponent(number)}`;
  const messages = (await (await fetch(url)).json()) as { text: string }[];
  const code = /\b\d{6}\b/.exec(messages.at(-1)?.text ?? "")?.[0] ?? "0";
  return `${Math.max(0, Number(code) - 1000)}`;
}
