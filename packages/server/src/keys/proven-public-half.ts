import { LinchpinError } from "@linchpin/core";
import type { KeyRecord, KeyState } from "@linchpin/vault";
import type { Context } from "../context/index.ts";

/**
 * The public half of a key, as an operator may pin it or hand it on: SPKI in DER. Null for a symmetric key, and where the
 * key's vault does not show that it holds the private half; the log says why. Of a key that has ended it is what the record
 * says, as its private half may be gone.
 */
export async function provenPublicHalf(
  { keyring, log }: Pick<Context, "keyring" | "log">,
  key: KeyRecord,
  state: KeyState,
): Promise<Uint8Array | null> {
  if (key.publicKeySpki === null || state === "retired" || state === "destroyed") return key.publicKeySpki;
  try {
    await keyring.prove(key);
    return key.publicKeySpki;
  } catch (error) {
    if (!(error instanceof LinchpinError)) throw error;
    log.error(
      { err: error, purpose: key.purpose, keyId: key.id },
      "a public key is not told: its vault did not show the private half",
    );
    return null;
  }
}
