import { bytesFromBase64url, bytesFromHex, hexFromBytes } from "#encoding";
import { LinchpinError } from "../errors/errors.ts";
import type { RsaPublicKey } from "../primitives.ts";

/** Modulus and exponent, big-endian. */
interface RsaParts {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
}

export interface RsaNumbers {
  readonly modulus: bigint;
  readonly exponent: bigint;
  /** Of the modulus, and of what is encrypted. */
  readonly lengthBytes: number;
}

/**
 * Whether a key is fit to seal to: a modulus of 2048 to 8192 bits, a public exponent that is odd, at least 65537
 * (FIPS 186-5 §5.4) and at most 32 bits long. With an exponent of 0 or 1 nothing would be sealed, and platforms take such
 * keys; a larger key takes minutes of work from whoever seals to it.
 */
export function isFitRsaKey(modulusBits: number, exponentBytes: Uint8Array): boolean {
  const exponent = exponentBytes.reduce((high, byte) => 256 * high + byte, 0);
  return modulusBits >= 2048 && modulusBits <= 8192 && exponent > 65536 && exponent < 2 ** 32 && exponent % 2 === 1;
}

/** The numbers of a key that is fit to seal to. @throws LinchpinError `public_key_unusable`: it is not, by `isFitRsaKey` */
export function readRsaPublicKey(key: RsaPublicKey): RsaNumbers {
  const { n, e } = "spki" in key ? readSpki(key.spki) : readJwk(key);
  const modulus = unsigned(n);
  if (!isFitRsaKey(modulus.toString(2).length, e)) throw unusable("a weak or oversized RSA key");
  return { modulus, exponent: unsigned(e), lengthBytes: Math.ceil(modulus.toString(16).length / 2) };
}

/**
 * RSAEP, RFC 8017 §5.1.1, over as many bytes as the modulus has, in BigInt: with a public exponent, once a message.
 * Numbers can not be wiped: the message stays until it is collected.
 */
export function applyRsaPublicKey(
  { modulus, exponent, lengthBytes }: RsaNumbers,
  encoded: Uint8Array,
): Uint8Array<ArrayBuffer> {
  let [power, square] = [1n, unsigned(encoded) % modulus];
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits % 2n === 1n) power = (power * square) % modulus;
    square = (square * square) % modulus;
  }
  return bytesFromHex(power.toString(16).padStart(2 * lengthBytes, "0"));
}

/** RFC 7518 §6.3.1, Base64urlUInt. */
function readJwk({ n, e }: { n: string; e: string }): RsaParts {
  try {
    return { n: bytesFromBase64url(n), e: bytesFromBase64url(e) };
  } catch {
    throw unusable("not a JWK of an RSA key");
  }
}

/** AlgorithmIdentifier of rsaEncryption with its NULL, RFC 8017 §A.1. */
const rsaEncryption = "300d06092a864886f70d0101010500";

/** SubjectPublicKeyInfo (RFC 5280 §4.1) that holds an RSAPublicKey (RFC 8017 §A.1.1), in DER. */
function readSpki(spki: Uint8Array): RsaParts {
  const [info, afterInfo] = readDer(spki, 0x30);
  const [bits, afterBits] = readDer(info.subarray(15), 0x03);
  const [publicKey, afterKey] = readDer(bits.subarray(1), 0x30);
  const [n, afterN] = readDer(publicKey, 0x02);
  const [e, afterE] = readDer(afterN, 0x02);
  const isRsa = hexFromBytes(info.subarray(0, 15)) === rsaEncryption && bits[0] === 0;
  if (!isRsa || [afterInfo, afterBits, afterKey, afterE].some((rest) => rest.length > 0)) throw notSpki();
  return { n: positive(n), e: positive(e) };
}

/**
 * X.690 §8.1.3, §10.1: the content of one element, and what stands behind it. In a key of 2048 bits or more no element
 * that has a length of one byte in the long form.
 */
function readDer(bytes: Uint8Array, tag: number): [content: Uint8Array, rest: Uint8Array] {
  const [first, length = 0x80, high = 0, low = 0] = bytes;
  const isLong = length === 0x82;
  const start = isLong ? 4 : 2;
  const end = start + (isLong ? 256 * high + low : length);
  if (first !== tag || (isLong ? high === 0 : length >= 0x80) || end > bytes.length) throw notSpki();
  return [bytes.subarray(start, end), bytes.subarray(end)];
}

/** X.690 §8.3: an INTEGER's content, above zero and without padding. */
function positive(content: Uint8Array): Uint8Array {
  const [first = 0x80, second = 0] = content;
  if (first >= 0x80 || (first === 0 && second < 0x80)) throw notSpki();
  return content;
}

function unsigned(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hexFromBytes(bytes)}`);
}

function notSpki(): LinchpinError {
  return unusable("not an SPKI of an RSA key in DER");
}

function unusable(reason: string): LinchpinError {
  return new LinchpinError("public_key_unusable", { reason });
}
