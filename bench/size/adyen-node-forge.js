import forge from "node-forge";

const block = (key, bytes) => {
  const cipher = forge.cipher.createCipher("AES-ECB", key);
  cipher.start();
  cipher.update(forge.util.createBuffer(bytes));
  return cipher.output.getBytes();
};
const unblock = (key, bytes) => {
  const decipher = forge.cipher.createDecipher("AES-ECB", key);
  decipher.start();
  decipher.update(forge.util.createBuffer(bytes + "\0".repeat(16)));
  return decipher.output.getBytes(16);
};
const panField = (token) => forge.util.hexToBytes(`${token.length - 12}${token}`.padEnd(32, "0"));
const xor = (one, other) => forge.util.xorBytes(one, other, 16);
const wrap = (spkiBase64, key) =>
  forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(atob(spkiBase64))).encrypt(key, "RSAES-PKCS1-V1_5");

// ISO 9564 format 4 is put together by hand.
export const seal = (spkiBase64, pin, token) => {
  const key = forge.random.getBytesSync(32);
  const field = forge.util.hexToBytes(`4${pin.length}${pin}`.padEnd(16, "a")) + forge.random.getBytesSync(8);
  return [wrap(spkiBase64, key), block(key, xor(block(key, field), panField(token)))];
};

export const ask = (spkiBase64) => {
  const key = forge.random.getBytesSync(32);
  return [wrap(spkiBase64, key), key];
};

export const open = (key, pinBlock, token) => {
  const field = forge.util.bytesToHex(unblock(key, xor(unblock(key, pinBlock), panField(token))));
  return field.slice(2, 2 + Number(field[1]));
};
