import { derFromSignature, hexFromBytes, type SigningKey, utf8 } from "@linchpin/core";

/** A device's signature over any text, as no function of the device half makes one. */
export async function signByHand(key: SigningKey, text: string): Promise<{ signature: string }> {
  return { signature: hexFromBytes(derFromSignature(await key.sign(utf8(text)))) };
}
