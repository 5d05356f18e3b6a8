import jose from "node-jose";

export const seal = async ({ kid, n, e }, plaintext) =>
  jose.JWE.createEncrypt(
    { format: "compact", contentAlg: "A256CBC-HS512", fields: { alg: "RSA-OAEP-256" } },
    await jose.JWK.asKey({ kty: "RSA", kid, n, e }),
  )
    .update(plaintext)
    .final();

export { signText as sign } from "./sign-text.js";
