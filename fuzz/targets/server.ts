import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { concatBytes, utf8 } from "@linchpin/core";
import { SoftwareVault } from "@linchpin/vault";
import { bearerOf } from "../../packages/server/src/callers/authenticate.ts";
import { parseMobileNumber } from "../../packages/server/src/persons/mobile-number.ts";
import { parseTokenUri } from "../../packages/vault/src/pkcs11/token-uri.ts";
import { unpadOaep, unpadPkcs1 } from "../../packages/vault/src/rsa-unpadding.ts";
import type { Target } from "../target.ts";

const latin1 = (input: Uint8Array) => Buffer.from(input).toString("latin1");

const authorization: Target = {
  refusals: ["caller_unknown"],
  seeds: ["Bearer abc", "bearer  a.b~c+d/e-f==", "Basic YTpi"].map(utf8),
  words: ["Bearer ", "=", " ", "\t", "\x00", ","],
  take: async (input) => {
    const token = bearerOf(latin1(input));
    assert.match(latin1(input).slice(0, -token.length), /^bearer +$/i);
    assert.ok(latin1(input).endsWith(token) && /^[\x21-\x7e]+$/.test(token));
  },
};

const mobileNumber: Target = {
  refusals: ["request_invalid"],
  seeds: ["+4915123456789", "+49 (151) 234", "+49-151/2345678"].map(utf8),
  words: ["+", "-", "/", "_", " ", "0", "\u0661"],
  take: async (input) => assert.match(parseMobileNumber(Buffer.from(input).toString()), /^\+[1-9][0-9]{6,14}$/),
};

const vault = new SoftwareVault(randomBytes(32));
const keys = Promise.all(
  (["RSA-OAEP", "RSA-OAEP-256", "RSA-PKCS1"] as const).map(async (algorithm) => ({
    id: algorithm,
    algorithm,
    ...(await vault.makeKey(algorithm, algorithm)),
  })),
);

/** What was wrapped: whatever it is, a key of the length that was asked for comes back, and another one each time. */
const unwrap: Target = {
  refusals: [],
  seeds: [new Uint8Array(256).fill(1), new Uint8Array(256).fill(255), new Uint8Array(255).fill(1), new Uint8Array(0)],
  words: ["\x00\x02", "\x00"],
  take: async (input) => {
    for (const key of await keys) {
      const [first, second] = [await vault.unwrap(key, input, 32), await vault.unwrap(key, input, 32)];
      assert.deepEqual([first.length, second.length], [32, 32]);
      assert.notDeepEqual(first, second);
    }
  },
};

/** RFC 7512, held against the platform's reading of a URL's percent-encoding. */
const tokenUri: Target = {
  refusals: ["settings_invalid"],
  seeds: [
    "pkcs11:token=issuer?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin",
    "pkcs11:model=a%20b;serial=1;slot-id=12?pin-source=file:///p&module-path=/m&x-library-parameters=x%3d",
    "pkcs11:?module-path=/m&pin-source=file:/p&pin-value=1928",
  ].map(utf8),
  words: [
    "pkcs11:",
    "token=",
    ";",
    "?",
    "&",
    "%00",
    "%2f",
    "%ff",
    "file:/",
    "file://host/",
    "|sh",
    "pin-value=",
    "../",
  ],
  take: async (input) => {
    const uri = Buffer.from(input).toString();
    const { modulePath, pinFile } = parseTokenUri(uri);
    assert.ok(modulePath.startsWith("/") && pinFile.startsWith("/") && !uri.includes("&pin-value="));
    const query = uri.slice(uri.indexOf("?") + 1).split("&");
    const asWritten = (name: string) =>
      decodeURIComponent(query.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");
    assert.deepEqual([modulePath, pinFile], [asWritten("module-path"), fileURLToPath(asWritten("pin-source"))]);
  },
};

/** What a token decrypted, of any length: the message is taken out where the padding is right, by a plain reading of it. */
const unpadding: Target = {
  refusals: [],
  seeds: [
    pkcs1Block(),
    new Uint8Array(0),
    new Uint8Array(11),
    concatBytes(hashOf(""), new Uint8Array(12), oneAndMessage()),
  ],
  words: ["\x00\x02", "\x00", "\x01"],
  take: async (input) => {
    const fallback = new Uint8Array(32).fill(0xee);
    const separator = input.length - 33;
    const isPkcs1 =
      separator >= 10 &&
      input[0] === 0 &&
      input[1] === 2 &&
      input.indexOf(0, 2) === separator &&
      input[separator] === 0;
    const expected = isPkcs1 ? input.slice(-32) : fallback.slice();
    assert.deepEqual(unpadPkcs1(Uint8Array.from(input), true, fallback.slice()), expected);
    const isOaep =
      separator >= 32 &&
      hashOf("").every((byte, at) => byte === input[at]) &&
      input.subarray(32, separator).every((byte) => byte === 0) &&
      input[separator] === 1;
    const opened = unpadOaep(maskedForOaep(input), true, fallback.slice(), "SHA-256");
    assert.deepEqual(Uint8Array.from(opened), isOaep ? input.slice(-32) : fallback);
    const unfit = Uint8Array.from(unpadOaep(maskedForOaep(input), false, fallback.slice(), "SHA-256"));
    assert.deepEqual(unfit, fallback);
  },
};

/** RFC 8017 §7.1.1 steps 2.d to 2.i, over any data block. */
function maskedForOaep(block: Uint8Array): Uint8Array {
  const seed = new Uint8Array(32).fill(0x5a);
  const blockMask = mask(seed, block.length);
  const maskedBlock = block.map((byte, at) => byte ^ (blockMask[at] as number));
  const seedMask = mask(maskedBlock, 32);
  const maskedSeed = seed.map((byte, at) => byte ^ (seedMask[at] as number));
  return concatBytes(Uint8Array.of(0), maskedSeed, maskedBlock);
}

/** MGF1, RFC 8017 §B.2.1. */
function mask(seed: Uint8Array, lengthBytes: number): Uint8Array {
  const hashes = Array.from({ length: Math.ceil(lengthBytes / 32) }, (_, counter) =>
    createHash("sha256")
      .update(seed)
      .update(Uint8Array.of(0, 0, counter >> 8, counter))
      .digest(),
  );
  return concatBytes(...hashes).subarray(0, lengthBytes);
}

function hashOf(text: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(text).digest());
}

function oneAndMessage(): Uint8Array {
  return concatBytes(Uint8Array.of(1), new Uint8Array(32).fill(7));
}

function pkcs1Block(): Uint8Array {
  return concatBytes(Uint8Array.of(0, 2), new Uint8Array(16).fill(9), Uint8Array.of(0), new Uint8Array(32).fill(7));
}

/** By the name of the folder that its corpus is in. */
export const serverTargets = {
  authorization: authorization,
  "mobile-number": mobileNumber,
  unwrap: unwrap,
  "token-uri": tokenUri,
  unpadding: unpadding,
};
