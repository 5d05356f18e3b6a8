import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";

interface PinChange {
  readonly pinField: string;
  readonly token: string;
  readonly sessionKey: Buffer;
  /** What is wrapped; else the session key. */
  readonly wrapped: Buffer;
  readonly padding: number;
}

/** A PIN change made by hand on node:crypto, right unless told otherwise: for what no device would make. */
export function handMadePinChange(
  publicKey: string,
  paymentInstrumentId: string,
  wrong: Partial<PinChange> & { digits?: string } = {},
) {
  const digits = wrong.digits ?? "2846";
  const {
    pinField = pinFieldOf(digits),
    token = "8374188662676926",
    sessionKey = randomBytes(32),
    wrapped = sessionKey,
    padding = constants.RSA_PKCS1_PADDING,
  } = wrong;
  const blockA = encryptBlock(sessionKey, Buffer.from(pinField, "hex"));
  const panField = Buffer.from(`4${token}${"0".repeat(15)}`, "hex");
  const blockB = blockA.map((byte, index) => byte ^ (panField[index] ?? 0));
  return {
    paymentInstrumentId,
    encryptedKey: wrapByHand(publicKey, wrapped, padding),
    encryptedPinBlock: encryptBlock(sessionKey, blockB).toString("hex").toUpperCase(),
    token,
  };
}

/** `4`, length, PIN, fill A, 16 random digits. */
export function pinFieldOf(digits: string): string {
  return `4${digits.length.toString(16)}${digits}`.padEnd(16, "A") + randomBytes(8).toString("hex");
}

/** `publicKey`: base64 of an SPKI. Whatever is not padded must be as long as the modulus. */
export function wrapByHand(publicKey: string, message: Buffer, padding: number = constants.RSA_PKCS1_PADDING): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return publicEncrypt({ key, padding, oaepHash: "sha256" }, message).toString("hex").toUpperCase();
}

function encryptBlock(key: Buffer, block: Uint8Array): Buffer {
  const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}
