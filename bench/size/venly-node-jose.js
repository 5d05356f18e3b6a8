import jose from "node-jose";

// Raw, by its undocumented JWA: Venly's envelope is no JWE.
export const seal = async (spkiBase64, plaintext) => {
  const publicKey = await jose.JWK.asKey(Buffer.from(spkiBase64, "base64"), "spki");
  const [key, iv] = [jose.util.randomBytes(32), jose.util.randomBytes(12)];
  const wrapped = await publicKey.wrap("RSA-OAEP-256", key);
  const { data, tag } = await jose.JWA.encrypt("A256GCM", key, Buffer.from(plaintext), { iv });
  return [wrapped.data, iv, Buffer.concat([data, tag])].map((bytes) => bytes.toString("base64"));
};

export const hash = async (body) => (await jose.JWA.digest("SHA-256", Buffer.from(body))).toString("hex");
