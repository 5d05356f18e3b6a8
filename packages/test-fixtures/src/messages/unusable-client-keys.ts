import { createECDH, generateKeyPairSync } from "node:crypto";

const spkiOf = (namedCurve: string) =>
  generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "der", type: "spki" });

const spki = spkiOf("P-256");
const header = spki.subarray(0, 26);
const raw = spki.subarray(26);
const beside = Buffer.from(raw.map((byte, index) => (index === 64 ? byte ^ 1 : byte)));
const hybrid = Buffer.from(raw.map((byte, index) => (index === 0 ? 6 + ((raw[64] ?? 0) & 1) : byte)));
const base64 = (...parts: Uint8Array[]) => Buffer.concat(parts).toString("base64");
const x25519 = generateKeyPairSync("x25519").publicKey.export({ format: "der", type: "spki" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "der", type: "spki" });

/** Values of `X-Client-Public-Key` that are refused, by what is wrong with them. */
export const unusableClientKeys: Readonly<Record<string, string>> = {
  "a compressed point": createECDH("prime256v1").generateKeys("base64", "compressed"),
  "a compressed point in SPKI": base64(
    Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
    Buffer.from(createECDH("prime256v1").generateKeys("hex", "compressed"), "hex"),
  ),
  "a hybrid point": base64(hybrid),
  "a point beside the curve": base64(beside),
  "a point beside the curve, in SPKI": base64(header, beside),
  infinity: base64(Uint8Array.of(0)),
  "infinity, filled up": base64(Uint8Array.of(4), new Uint8Array(64)),
  "a point without 04": base64(raw.subarray(1)),
  "a byte too many": base64(raw, Uint8Array.of(0)),
  "a byte too few": base64(spki.subarray(0, -1)),
  "P-384": base64(spkiOf("P-384")),
  "P-384, raw": base64(createECDH("secp384r1").generateKeys()),
  secp256k1: base64(spkiOf("secp256k1")),
  "secp256k1, raw": base64(createECDH("secp256k1").generateKeys()),
  "secp256k1 that says secp256r1": base64(header, createECDH("secp256k1").generateKeys()),
  "X25519 in SPKI": base64(x25519),
  "X25519, raw": base64(x25519.subarray(-32)),
  RSA: base64(rsa),
  "PEM without its lines": base64(Buffer.from(`-----BEGIN PUBLIC KEY-----${base64(spki)}`)),
  hex: spki.toString("hex"),
  base64url: `${spki.toString("base64url").slice(0, -3)}-_-`,
  "base64 without padding": base64(spki).replace(/=+$/, ""),
  "base64 with a space in it": `${base64(raw).slice(0, 40)} ${base64(raw).slice(40)}`,
  "base64 with one of its unread bits set": withUnreadBit(base64(raw)),
  "no base64": "{}",
  "two keys": `${base64(spki)}, ${base64(spki)}`,
  "8,000 characters": "A".repeat(8000),
};

/** Another spelling of the same bytes: 65 of them leave two bits of the last character over. */
function withUnreadBit(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return `${text.slice(0, -2)}${alphabet[alphabet.indexOf(text.at(-2) ?? "") + 1]}=`;
}
