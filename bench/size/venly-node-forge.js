import forge from "node-forge";

export const seal = (spkiBase64, plaintext) => {
  const [key, iv] = [forge.random.getBytesSync(32), forge.random.getBytesSync(12)];
  const md = forge.md.sha256.create();
  const publicKey = forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(atob(spkiBase64)));
  const cipher = forge.cipher.createCipher("AES-GCM", key);
  cipher.start({ iv });
  cipher.update(forge.util.createBuffer(plaintext));
  cipher.finish();
  const sealed = cipher.output.getBytes() + cipher.mode.tag.getBytes();
  return [publicKey.encrypt(key, "RSA-OAEP", { md, mgf1: { md } }), iv, sealed].map(forge.util.encode64);
};

export const hash = (body) => forge.md.sha256.create().update(body, "utf8").digest().toHex();
