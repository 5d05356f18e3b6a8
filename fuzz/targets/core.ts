import assert from "node:assert/strict";
import { createCipheriv, createPublicKey } from "node:crypto";
import {
  base64FromBytes,
  base64urlFromBytes,
  bytesFromBase64,
  bytesFromBase64url,
  bytesFromHex,
  decipherPinBlockFormat4,
  decodePinBlockFormat0,
  decodePinBlockFormat1,
  decodePinBlockFormat2,
  decodePinBlockFormat3,
  derFromSignature,
  encodeP256PublicKey,
  encodePinBlockFormat0,
  encodePinBlockFormat2,
  hexFromBytes,
  LinchpinError,
  type Pin,
  parseJwe,
  parseP256PublicKey,
  readRsaPublicKey,
  rsaOaep256A256CbcHs512,
  signatureFromDer,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import type { Target } from "../target.ts";
import { compactJwe, ecdsaSignature, jweHeader, p256Point, rsaSpki } from "./well-formed.ts";

const latin1 = (input: Uint8Array) => Buffer.from(input).toString("latin1");
const pan = "43219876543210987";

const base64: Target = {
  refusals: ["encoding_invalid"],
  seeds: ["", "AA==", "AAE=", "AAEC", "+/8="].map(utf8),
  words: ["=", "==", "+", "/", "-", "_", "\n", " "],
  take: async (input) => assert.equal(base64FromBytes(bytesFromBase64(latin1(input))), latin1(input)),
};

const base64url: Target = {
  ...base64,
  seeds: ["", "AA", "AAE", "AAEC", "-_8"].map(utf8),
  take: async (input) => assert.equal(base64urlFromBytes(bytesFromBase64url(latin1(input))), latin1(input)),
};

const hex: Target = {
  refusals: ["encoding_invalid"],
  seeds: ["", "00", "fF10"].map(utf8),
  words: ["0x", "g", " "],
  take: async (input) => assert.equal(hexFromBytes(bytesFromHex(latin1(input))), latin1(input).toLowerCase()),
};

const jwe: Target = {
  refusals: ["jwe_malformed"],
  seeds: [utf8(compactJwe)],
  words: [".", "..", "=", jweHeader, "eyJ", "e30"],
  take: async (input) => {
    const text = Buffer.from(input).toString();
    const { protectedText, kid, wrappedKey, iv, ciphertext, tag } = parseJwe(rsaOaep256A256CbcHs512, text);
    const parts = [wrappedKey, iv, ciphertext, tag].map(base64urlFromBytes);
    assert.equal([protectedText, ...parts].join("."), text);
    assert.deepEqual([iv.length, tag.length, kid !== ""], [16, 32, true]);
  },
};

/** The JSON inside of a JWE's first segment. */
const jweHeaderJson: Target = {
  refusals: ["jwe_malformed"],
  seeds: [
    utf8(jweHeader),
    utf8('{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512","kid":"k","typ":"JOSE","cty":"json"}'),
    utf8('{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512","kid":"k","__proto__":{"zip":"DEF"}}'),
  ],
  words: [
    '"alg":"dir"',
    '"alg":"RSA1_5"',
    '"enc":',
    '"kid":',
    '"zip":"DEF"',
    '"crit":[]',
    '"__proto__":',
    "\\u0061",
    "{",
    "[",
    "null",
  ],
  take: async (input) => {
    const segments = compactJwe.split(".");
    const { kid } = parseJwe(rsaOaep256A256CbcHs512, [base64urlFromBytes(input), ...segments.slice(1)].join("."));
    const header = JSON.parse(Buffer.from(input).toString());
    const named = Object.hasOwn(header, "kid") ? header.kid : null;
    assert.deepEqual([header.alg, header.enc, named], ["RSA-OAEP-256", "A256CBC-HS512", kid]);
    for (const name of Object.keys(header)) assert.ok(["alg", "enc", "kid", "typ", "cty"].includes(name));
  },
};

const ecdsaDer: Target = {
  refusals: ["signature_invalid"],
  seeds: [ecdsaSignature, bytesFromHex("3006020100020100"), bytesFromHex("300702010102020080")],
  words: ["\x02\x01\x00", "\x30\x06", "\x30\x81\x06", "\x02\x21\x00"],
  take: async (input) => assert.deepEqual(derFromSignature(signatureFromDer(input)), Uint8Array.from(input)),
};

/** What is taken is what OpenSSL reads from it, and its one encoding. */
const rsaPublicKey: Target = {
  refusals: ["public_key_unusable"],
  seeds: [rsaSpki],
  words: ["\x02\x03\x01\x00\x01", "\x30\x82\x01\x22", "\x02\x82\x01\x01\x00", "\x03\x82", "\x05\x00"],
  take: async (input) => {
    const { modulus, exponent, lengthBytes } = readRsaPublicKey({ spki: input });
    const key = createPublicKey({ key: Buffer.from(input), format: "der", type: "spki" });
    const { n = "", e = "" } = key.export({ format: "jwk" });
    assert.deepEqual(readRsaPublicKey({ n, e }), { modulus, exponent, lengthBytes });
    assert.deepEqual(Uint8Array.from(key.export({ format: "der", type: "spki" })), Uint8Array.from(input));
    assert.ok(modulus >= 2n ** 2047n && exponent >= 65537n && exponent % 2n === 1n);
  },
};

const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** What is taken is on the curve (SP 800-186 §3.2.1.3), by an arithmetic of its own. */
const p256PublicKey: Target = {
  refusals: ["public_key_unusable"],
  seeds: [p256Point, encodeP256PublicKey(p256Point, "spki"), new Uint8Array(65).fill(4, 0, 1)],
  words: ["\x04", "\x02", "\x06", "\x03\x42\x00\x04", "\x30\x59\x30\x13"],
  take: async (input) => {
    const { point, encoding } = await parseP256PublicKey(nodeCryptoPrimitives, input);
    assert.deepEqual(encodeP256PublicKey(point, encoding), Uint8Array.from(input));
    const [x, y] = [1, 33].map((from) => BigInt(`0x${hexFromBytes(point.subarray(from, from + 32))}`)) as [
      bigint,
      bigint,
    ];
    assert.ok(x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n);
  },
};

/** Formats 0 to 3, of which the first nibble decides. */
const pinBlock: Target = {
  refusals: ["decryption_failed"],
  seeds: ["041201678ABCDEF0", "1412345678901234", "241234FFFFFFFFFF", "341293AC76543210"].map(bytesFromHex),
  words: ["\xff", "\x0c", "\x24", "\x2c", "\x24\x12\x34"],
  take: async (input) => {
    const decoders = [
      (block: Uint8Array) => decodePinBlockFormat0(block, pan),
      decodePinBlockFormat1,
      decodePinBlockFormat2,
      (block: Uint8Array) => decodePinBlockFormat3(block, pan),
    ];
    const pins = decoders.map((decode) => pinOrNull(() => decode(input)));
    const [pin0, , pin2] = pins;
    if (pin0) assert.deepEqual(encodePinBlockFormat0(pin0, pan), Uint8Array.from(input));
    if (pin2) assert.deepEqual(encodePinBlockFormat2(pin2), Uint8Array.from(input));
    for (const pin of pins) if (pin) assertDigits(pin);
    assert.ok(pins.filter((pin) => pin !== null).length <= 1, "the control field says which format it is");
    if (pins.every((pin) => pin === null)) throw new LinchpinError("decryption_failed");
  },
};

/** The field inside of a block of format 4, as whoever has the session key may fill it. */
const pinBlockFormat4: Target = {
  refusals: ["decryption_failed"],
  seeds: ["441234AAAAAAAAAA0123456789abcdef", "4C123456789012AA0123456789abcdef"].map(bytesFromHex),
  words: ["\xaa", "\x44", "\x4c", "\x44\x12\x34\xaa"],
  take: async (input) => {
    const key = new Uint8Array(32).fill(7);
    const panField = bytesFromHex("54321987654321098700000000000000");
    const pinBlock = aesBlock(
      key,
      aesBlock(key, input.subarray(0, 16)).map((byte, at) => byte ^ (panField[at] ?? 0)),
    );
    assertDigits(await decipherPinBlockFormat4(nodeCryptoPrimitives, { pinBlock, pan, key }));
  },
};

function aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const padded = new Uint8Array(16);
  padded.set(block);
  return Uint8Array.from(createCipheriv("aes-256-ecb", key, null).update(padded));
}

function assertDigits(pin: Pin): void {
  const digits = pin.asciiDigits();
  assert.ok(digits.length >= 4 && digits.length <= 12 && digits.every((digit) => digit >= 0x30 && digit <= 0x39));
}

function pinOrNull(decode: () => Pin): Pin | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "decryption_failed") return null;
    throw error;
  }
}

/** By the name of the folder that its corpus is in. */
export const coreTargets = {
  base64: base64,
  base64url: base64url,
  hex: hex,
  jwe: jwe,
  "jwe-header-json": jweHeaderJson,
  "ecdsa-der": ecdsaDer,
  "rsa-public-key": rsaPublicKey,
  "p256-public-key": p256PublicKey,
  "pin-block": pinBlock,
  "pin-block-format4": pinBlockFormat4,
};
