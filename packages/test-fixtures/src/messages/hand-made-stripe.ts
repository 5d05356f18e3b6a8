import { constants, createCipheriv, createHmac, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

/** A JWE as Stripe's protocol has it, made by hand on node:crypto, right unless told otherwise. */
export function handMadeStripeJwe(
  jwk: { readonly kid: string; readonly n: string; readonly e: string },
  plaintext: string,
  wrong: {
    readonly alg?: string;
    readonly enc?: string;
    readonly kid?: string | undefined;
    readonly oaepHash?: string;
    readonly isPkcs1?: boolean;
    readonly isSwapped?: boolean;
    readonly aad?: string;
  } = {},
): string {
  const { alg = "RSA-OAEP", enc = "A128CBC-HS256", oaepHash = "sha1", isPkcs1 = false, isSwapped = false } = wrong;
  const kid = "kid" in wrong ? wrong.kid : jwk.kid;
  const protectedText = base64url(JSON.stringify({ alg, enc, kid }));
  const contentKey = randomBytes(32);
  const key = createPublicKey({ key: { kty: "RSA", n: jwk.n, e: jwk.e }, format: "jwk" });
  const padding = isPkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const wrappedKey = publicEncrypt({ key, padding, oaepHash }, contentKey);
  const halves = [contentKey.subarray(0, 16), contentKey.subarray(16)] as const;
  const [macKey, cipherKey] = isSwapped ? [halves[1], halves[0]] : halves;
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", cipherKey, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const aad = wrong.aad ?? protectedText;
  const aadBits = Buffer.alloc(8);
  aadBits.writeBigUInt64BE(BigInt(8 * aad.length));
  const tag = createHmac("sha256", macKey).update(aad).update(iv).update(ciphertext).update(aadBits).digest();
  return [protectedText, ...[wrappedKey, iv, ciphertext, tag.subarray(0, 16)].map(base64url)].join(".");
}

function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}
