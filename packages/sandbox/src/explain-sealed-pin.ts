import { openJwe, parseJwe, utf8 } from "@linchpin/core";
import { sealedPinKeyPurpose, sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import { findNumbers } from "./mistakes/find-shape.ts";
import { explainBy } from "./mistakes/mistake.ts";
import { mistakes } from "./mistakes/mistake-table.ts";
import { withUnwrapped } from "./mistakes/unwrap.ts";
import type { ExplainContext } from "./sandbox-protocol.ts";

/** Why a JWE did not open, or what it holds is no PIN. */
export async function explainSealedPin(
  context: ExplainContext,
  encryptedPin: string,
  keyId: string | null,
): Promise<string | null> {
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  const contentKeyBytes = sealedPinProfile.contentKeyBytes;
  const expected = {
    purpose: sealedPinKeyPurpose,
    scheme: "OAEP-SHA256",
    contentKeyBytes,
    keyId: jwe.kid ?? keyId,
  } as const;
  return withUnwrapped(context, jwe.wrappedKey, (found) => {
    const explanation = explainBy(mistakes.rsaWrap, { wrapped: jwe.wrappedKey, found, expected });
    if (explanation !== null || found === null) return explanation;
    const sealed = { cipher: "A256CBC-HS512", contentKey: found.content, aad: utf8(jwe.protectedText) } as const;
    const { iv, ciphertext, tag } = jwe;
    return (
      explainBy(mistakes.contentCipher, { ...sealed, iv, ciphertext, tag }) ??
      explainContent(context, jwe, found.content)
    );
  });
}

async function explainContent(
  { primitives }: ExplainContext,
  jwe: ReturnType<typeof parseJwe>,
  contentKey: Uint8Array,
): Promise<string | null> {
  const clear = await openJwe(primitives, sealedPinProfile, jwe, contentKey);
  const explanation = explainBy(mistakes.shape, findNumbers(clear, ["pin"]));
  clear.fill(0);
  return explanation && `it opened, but ${explanation}`;
}
