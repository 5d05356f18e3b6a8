import { unwrapByAnyScheme } from "@linchpin/vault/sandbox";
import type { ExplainContext } from "../sandbox-protocol.ts";
import type { RsaWrapEvidence } from "./rsa-wrap.ts";

type Found = NonNullable<RsaWrapEvidence["found"]>;

/**
 * Explains by what was wrapped, which is wiped then. Tries every RSA key that the issuer has ever had and not destroyed,
 * by every scheme; null where none fits.
 */
export async function withUnwrapped<T>(
  context: ExplainContext,
  wrapped: Uint8Array,
  explain: (found: RsaWrapEvidence["found"]) => T | Promise<T>,
): Promise<T> {
  const all = await findUnwrappings(context, wrapped);
  try {
    const [likeliest = null] = all.filter((one) => doubtOf(one) < tooMuchDoubt).sort((a, b) => doubtOf(a) - doubtOf(b));
    return await explain(likeliest);
  } finally {
    for (const { content } of all) content.fill(0);
  }
}

/** The last is by OAEP, if any is. */
async function findUnwrappings({ masterKey, keyring }: ExplainContext, wrapped: Uint8Array): Promise<Found[]> {
  if (masterKey === null) throw new Error("the keys are in a token");
  const all: Found[] = [];
  for (const key of await keyring.list()) {
    if (!key.algorithm.startsWith("RSA") || key.handle.length === 0) continue;
    const unwrapped = unwrapByAnyScheme(masterKey, key, wrapped);
    if (unwrapped !== null) all.push({ purpose: key.purpose, keyId: key.id, ...unwrapped });
    if (unwrapped !== null && unwrapped.scheme !== "PKCS1") break;
  }
  return all;
}

const tooMuchDoubt = 3;

/**
 * OAEP's padding holds a hash, and says for certain by which key it was wrapped. That of PKCS#1 v1.5 shows by chance
 * under one key in 65,536 to which nothing was wrapped, with anything behind it: so it counts only with what is wrapped
 * by those who try, first of all a key or text.
 */
function doubtOf({ scheme, content }: Found): number {
  if (scheme !== "PKCS1") return 0;
  if ([16, 24, 32].includes(content.length) || content.every((byte) => byte >= 0x20 && byte < 0x7f)) return 1;
  return content.length <= 64 ? 2 : tooMuchDoubt;
}
