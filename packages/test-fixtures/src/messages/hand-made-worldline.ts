import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

interface HandMade {
  /** PIN field, 16 bytes in hex. */
  readonly pinField: string;
  /** PAN field in hex, without the zeros at its end. */
  readonly panField: string;
  readonly sessionKey: Buffer;
  /** What is wrapped; else the session key. */
  readonly wrapped: Buffer;
  /** Wraps by hand. */
  readonly wrap: (publicKey: string, message: Buffer) => string;
  readonly keyId: string;
  /** The whole block, in hex. */
  readonly pinBlock: string;
}

/** The `pinAttribute` of a set, made by hand on node:crypto, right unless told otherwise. */
export function handMadePinAttribute(
  publicKey: string,
  { pan, digits = "2846", ...wrong }: { pan: string; digits?: string } & Partial<HandMade>,
) {
  const {
    pinField = `4${digits.length.toString(16)}${digits}`.padEnd(16, "A") + randomBytes(8).toString("hex"),
    panField = `${pan.length - 12}${pan}`,
    sessionKey = randomBytes(32),
    wrapped = sessionKey,
    wrap = wrapOaep("sha256"),
    keyId = "01",
    pinBlock = blockOf(sessionKey, pinField, panField),
  } = wrong;
  const encryptedSessionKey = { algoId: "06", encryptedData: wrap(publicKey, wrapped), keyId };
  return { pinAlgorithmId: "04", pinBlock, pinBlockFormat: "ISO-4", encryptedSessionKey };
}

/** `E(K, E(K, PIN field) XOR PAN field)`, in hex. */
export function blockOf(sessionKey: Buffer, pinField: string, panField: string): string {
  const mask = Buffer.from(panField.padEnd(32, "0"), "hex");
  const first = encryptBlocks(sessionKey, Buffer.from(pinField, "hex"));
  return encryptBlocks(
    sessionKey,
    first.map((byte, index) => byte ^ (mask[index] ?? 0)),
  ).toString("hex");
}

/** AES in ECB mode, without padding. */
export function encryptBlocks(key: Buffer, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

const spkiKey = (publicKey: string) =>
  createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });

/** RSAES-OAEP with one hash. */
export const wrapOaep = (oaepHash: string) => (publicKey: string, message: Buffer) =>
  publicEncrypt({ key: spkiKey(publicKey), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, message).toString(
    "hex",
  );

/** RSAES-PKCS1-v1_5 */
export const wrapPkcs1 = (publicKey: string, message: Buffer) =>
  publicEncrypt({ key: spkiKey(publicKey), padding: constants.RSA_PKCS1_PADDING }, message).toString("hex");

/** The bare RSA operation over as many bytes as the modulus has. */
export const wrapRaw = (publicKey: string, message: Buffer) =>
  publicEncrypt({ key: spkiKey(publicKey), padding: constants.RSA_NO_PADDING }, message).toString("hex");
