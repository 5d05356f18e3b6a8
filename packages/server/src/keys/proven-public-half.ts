import { LinchpinError } from "@linchpin/core";
import type { KeyRecord } from "@linchpin/vault";
import type { Context } from "../context/index.ts";

/**
 * The public half of a key that has not ended, as it is pinned or handed on: SPKI in DER. Null for a symmetric key, and
 * where the key's vault does not show that it holds the private half; the log says why.
 */
export async function provenPublicHalf(
  { keyring, log }: Pick<Context, "keyring" | "log">,
  key: KeyRecord,
): Promise<Uint8Array | null> {
  if (key.publicKeySpki === null) return null;
  try {
    await keyring.prove(key);
    return key.publicKeySpki;
  } catch (error) {
    if (!(error instanceof LinchpinError)) throw error;
    const { purpose, id: keyId } = key;
    log.error(
      { err: error, purpose, keyId },
      "a public key is not told: the vault did not show that it holds the private half",
    );
    return null;
  }
}
