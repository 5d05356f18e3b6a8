import { utf8 } from "@linchpin/core";
import type { Sealed } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** Seals an OTP, a TAN, a string to sign or the secret of a webhook for the one thing that it belongs to: for another it does not open. */
export function sealSecret(context: Context, ofId: string, text: string): Promise<Sealed> {
  return context.keyring.seal("secret", utf8(text), secretAssociatedData(ofId));
}

export async function openSecret(context: Context, ofId: string, sealed: Sealed): Promise<string> {
  return new TextDecoder().decode(await context.keyring.open("secret", sealed, secretAssociatedData(ofId)));
}

export const secretAssociatedData = (ofId: string) => utf8(`linchpin:secret:${ofId}`);
