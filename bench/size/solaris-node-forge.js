import forge from "node-forge";

const base64url = (bytes) => forge.util.encode64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const number = (text) =>
  new forge.jsbn.BigInteger(forge.util.bytesToHex(atob(text.replaceAll("-", "+").replaceAll("_", "/"))), 16);

// No JOSE in it: the JWE is put together by hand.
export const seal = ({ kid, n, e }, plaintext) => {
  const header = base64url(JSON.stringify({ alg: "RSA-OAEP-256", enc: "A256CBC-HS512", kid }));
  const [contentKey, iv] = [forge.random.getBytesSync(64), forge.random.getBytesSync(16)];
  const md = forge.md.sha256.create();
  const wrapped = forge.pki.setRsaPublicKey(number(n), number(e)).encrypt(contentKey, "RSA-OAEP", { md, mgf1: { md } });
  const cipher = forge.cipher.createCipher("AES-CBC", contentKey.slice(32));
  cipher.start({ iv });
  cipher.update(forge.util.createBuffer(plaintext));
  cipher.finish();
  const ciphertext = cipher.output.getBytes();
  const hmac = forge.hmac.create();
  hmac.start("sha512", contentKey.slice(0, 32));
  hmac.update(
    header +
      iv +
      ciphertext +
      forge.util
        .createBuffer()
        .putInt32(0)
        .putInt32(8 * header.length)
        .getBytes(),
  );
  return [header, ...[wrapped, iv, ciphertext, hmac.digest().getBytes(32)].map(base64url)].join(".");
};

export { signText as sign } from "./sign-text.js";
