import { constants, createCipheriv, createHmac, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

/** A JWE made by hand on node:crypto, right unless told otherwise: for what no library would make. */
export function handMadeJwe(
  jwk: { kid: string; n: string; e: string },
  plaintext: string | Uint8Array,
  wrong: { header?: Record<string, unknown> | string; oaepHash?: string; padding?: number } = {},
): string {
  const header = wrong.header ?? { alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid: jwk.kid };
  const protectedText = base64url(typeof header === "string" ? header : JSON.stringify(header));
  const contentKey = randomBytes(64);
  const key = createPublicKey({ key: { kty: "RSA", n: jwk.n, e: jwk.e }, format: "jwk" });
  const padding = wrong.padding ?? constants.RSA_PKCS1_OAEP_PADDING;
  const wrappedKey = publicEncrypt({ key, padding, oaepHash: wrong.oaepHash ?? "sha256" }, contentKey);
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", contentKey.subarray(32), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const aadBits = Buffer.alloc(8);
  aadBits.writeBigUInt64BE(BigInt(8 * protectedText.length));
  const mac = createHmac("sha512", contentKey.subarray(0, 32));
  const tag = mac.update(protectedText).update(iv).update(ciphertext).update(aadBits).digest().subarray(0, 32);
  return [protectedText, ...[wrappedKey, iv, ciphertext, tag].map(base64url)].join(".");
}

function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}
