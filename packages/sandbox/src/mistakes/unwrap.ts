import { unwrapByAnyScheme } from "@linchpin/vault/sandbox";
import type { ExplainContext } from "../sandbox-protocol.ts";
import type { RsaWrapEvidence } from "./rsa-wrap.ts";

/** Tries every RSA key that the issuer has ever had and not destroyed, by every scheme. The caller wipes the content. */
export async function findUnwrapping(
  { masterKey, keyring }: ExplainContext,
  wrapped: Uint8Array,
): Promise<RsaWrapEvidence["found"]> {
  if (masterKey === null) throw new Error("the keys are in a token");
  for (const key of await keyring.list()) {
    if (!key.algorithm.startsWith("RSA") || key.handle.length === 0) continue;
    const unwrapped = unwrapByAnyScheme(masterKey, key, wrapped);
    if (unwrapped !== null) return { purpose: key.purpose, keyId: key.id, ...unwrapped };
  }
  return null;
}
