import { constants, createHash, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";

/** RSAES-OAEP with parts that a test can replace, for ciphertexts that `publicEncrypt` never makes. Defaults: RSA-OAEP-256. */
export function encryptOaep(publicKey: KeyObject, message: Uint8Array, deviation: Partial<OaepParts> = {}): Buffer {
  return encryptBlock(publicKey, encodeOaep(modulusBytesOf(publicKey), message, { ...rsaOaep256, ...deviation }));
}

/** RSA without padding, of a block as long as the modulus. */
export function encryptBlock(publicKey: KeyObject, block: Uint8Array): Buffer {
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
}

export function modulusBytesOf(publicKey: KeyObject): number {
  return (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}

export interface OaepParts {
  readonly hash: string;
  readonly mgfHash: string;
  readonly label: Uint8Array;
  readonly firstByte: number;
  /** The byte between the padding and the message. */
  readonly separator: number;
  readonly paddingByte: number;
}

const rsaOaep256: OaepParts = {
  hash: "sha256",
  mgfHash: "sha256",
  label: new Uint8Array(),
  firstByte: 0,
  separator: 1,
  paddingByte: 0,
};

/** EME-OAEP, RFC 8017 §7.1.1 step 2. */
function encodeOaep(modulusBytes: number, message: Uint8Array, parts: OaepParts): Buffer {
  const labelHash = createHash(parts.hash).update(parts.label).digest();
  const hashBytes = labelHash.length;
  const padding = Buffer.alloc(modulusBytes - message.length - 2 * hashBytes - 2, parts.paddingByte);
  const dataBlock = Buffer.concat([labelHash, padding, Uint8Array.of(parts.separator), message]);
  const seed = randomBytes(hashBytes);
  const maskedDataBlock = xor(dataBlock, mgf1(seed, dataBlock.length, parts.mgfHash));
  const maskedSeed = xor(seed, mgf1(maskedDataBlock, hashBytes, parts.mgfHash));
  return Buffer.concat([Uint8Array.of(parts.firstByte), maskedSeed, maskedDataBlock]);
}

/** RFC 8017 §B.2.1. */
function mgf1(seed: Uint8Array, lengthBytes: number, hash: string): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, length = 0; length < lengthBytes; counter++) {
    const counterBytes = Buffer.alloc(4);
    counterBytes.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(counterBytes).digest();
    blocks.push(block);
    length += block.length;
  }
  return Buffer.concat(blocks).subarray(0, lengthBytes);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
