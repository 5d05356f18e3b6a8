import type { KeyObject } from "node:crypto";

/** A message with one public key in the place of another, in each of the texts by which protocols hand keys on. */
export function replacePublicKey(message: string, from: KeyObject, to: KeyObject): string {
  const toTexts = publicKeyTexts(to);
  return publicKeyTexts(from).reduce((text, part, form) => text.replace(part, () => toTexts[form] ?? part), message);
}

export function hasPublicKey(message: string, key: KeyObject): boolean {
  return publicKeyTexts(key).some((text) => message.includes(text));
}

/** SPKI in base64 and PEM; of RSA also a JWK's modulus, and PKCS#1 in PEM. */
function publicKeyTexts(key: KeyObject): string[] {
  const spki = key.export({ format: "der", type: "spki" }).toString("base64");
  const pem = key.export({ format: "pem", type: "spki" }).toString();
  if (key.asymmetricKeyType !== "rsa") return [spki, pem];
  return [spki, pem, modulusOf(key), key.export({ format: "pem", type: "pkcs1" }).toString()];
}

export function modulusOf(key: KeyObject): string {
  return String(key.export({ format: "jwk" }).n);
}
