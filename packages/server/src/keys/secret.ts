import { utf8 } from "@linchpin/core";
import type { Sealed } from "@linchpin/store";
import type { House } from "../context/context.ts";

/** Seals an OTP, a TAN or a string to sign for the one thing that it answers: for another it does not open. */
export function sealSecret(house: House, ofId: string, text: string): Promise<Sealed> {
  return house.keyring.seal("secret", utf8(text), secretContext(ofId));
}

export async function openSecret(house: House, ofId: string, sealed: Sealed): Promise<string> {
  return new TextDecoder().decode(await house.keyring.open("secret", sealed, secretContext(ofId)));
}

export const secretContext = (ofId: string) => utf8(`linchpin:secret:${ofId}`);
