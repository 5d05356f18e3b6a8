// Solaris' signature is over the text itself, in hex of ASN.1 DER: no JWS, so none of the libraries makes it.
const integer = (bytes) => {
  const digits = [...bytes.slice(bytes.findIndex((byte) => byte > 0))];
  return [2, digits.length + (digits[0] >> 7), ...(digits[0] >> 7 ? [0] : []), ...digits];
};

export const signText = async (key, text) => {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(text)));
  const body = [...integer(signature.slice(0, 32)), ...integer(signature.slice(32))];
  return [0x30, body.length, ...body].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
