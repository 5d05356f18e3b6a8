import { unwrapByAnyScheme } from "@linchpin/vault/sandbox";
import type { ExplainContext } from "../sandbox-protocol.ts";
import type { RsaWrapEvidence } from "./rsa-wrap.ts";

type Found = RsaWrapEvidence["found"];

/**
 * Explains by what was wrapped, which is wiped then. Tries every RSA key that the issuer has ever had and not destroyed,
 * by every scheme; null where none fits.
 */
export async function withUnwrapped<T>(
  context: ExplainContext,
  wrapped: Uint8Array,
  explain: (found: Found) => T | Promise<T>,
): Promise<T> {
  const found = await findUnwrapping(context, wrapped);
  try {
    return await explain(found);
  } finally {
    found?.content.fill(0);
  }
}

async function findUnwrapping({ masterKey, keyring }: ExplainContext, wrapped: Uint8Array): Promise<Found> {
  if (masterKey === null) throw new Error("the keys are in a token");
  for (const key of await keyring.list()) {
    if (!key.algorithm.startsWith("RSA") || key.handle.length === 0) continue;
    const unwrapped = unwrapByAnyScheme(masterKey, key, wrapped);
    if (unwrapped !== null) return { purpose: key.purpose, keyId: key.id, ...unwrapped };
  }
  return null;
}
