import { LinchpinError, utf8 } from "@linchpin/core";
import type { Context } from "../context/index.ts";

/** A text and its signature by the key that the text names. */
interface Signed {
  readonly text: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/**
 * Signs a text that names the key it is signed by. Where the key is rotated after `textFor` has named it, the text is
 * made and signed once more.
 * @throws LinchpinError `unavailable`
 */
export async function signNamingKey(
  { keyring }: Pick<Context, "keyring">,
  purpose: string,
  textFor: (keyId: string) => string,
): Promise<Signed> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const { id } = await keyring.current(purpose);
    const text = textFor(id);
    const { keyId, bytes: signature } = await keyring.sign(purpose, utf8(text));
    if (keyId === id) return { text, keyId, signature };
  }
  throw new LinchpinError("unavailable", { reason: `the key of ${purpose} kept changing` });
}
