import { CompactEncrypt, importJWK } from "jose";

export const seal = async ({ kid, n, e }, plaintext) =>
  new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid })
    .encrypt(await importJWK({ kty: "RSA", n, e }, "RSA-OAEP-256"));

export { signText as sign } from "./sign-text.js";
