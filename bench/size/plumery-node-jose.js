import jose from "node-jose";

export const makeKey = () => jose.JWK.createKey("EC", "P-256");

// Raw, by its undocumented JWA: the answer is no JWE.
export const open = async (key, { ephemeralJwk, salt, iv, ciphertext }) => {
  const peer = await jose.JWK.asKey(ephemeralJwk);
  const agreement = { public: peer.toObject(), hash: "SHA-256", salt, length: 32 };
  const contentKey = await jose.JWA.derive("ECDH-HKDF", key.toObject(true), agreement);
  const [data, tag] = [ciphertext.subarray(0, -16), ciphertext.subarray(-16)];
  return jose.JWA.decrypt("A256GCM", contentKey, data, { iv, tag });
};
