import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import {
  concatBytes,
  LinchpinError,
  openEnvelope,
  openJwe,
  Pin,
  parseJwe,
  sealEnvelope,
  sealJwe,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { openPinBlock, openSessionKey } from "@linchpin/protocols/adyen/issuer";
import { maxMessageBytes, openSealedPin as openLithicPin } from "@linchpin/protocols/lithic/issuer";
import { openSealedPin, parseSealedPin, sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import {
  openSealedPin as openStripePin,
  parseSealedPin as parseStripePin,
  stripePinProfile,
} from "@linchpin/protocols/stripe/issuer";
import type { WrappedSessionKey } from "@linchpin/protocols/worldline/issuer";
import type { CardForChange } from "@linchpin/store";
import { type KeyAlgorithm, SoftwareVault } from "@linchpin/vault";
import type { Context } from "../../packages/server/src/context/context.ts";
import * as spritz from "../../packages/server/src/protocols/spritz/operations.ts";
import * as worldline from "../../packages/server/src/protocols/worldline/operations.ts";
import { compareValue, macOfValue } from "../../packages/server/src/signing/stored-signing-method.ts";
import { unpadOaep, unpadPkcs1 } from "../../packages/vault/src/rsa-unpadding.ts";
import { knownToItsMaker, type TimedOperation, type TimingCase } from "./timing-test.ts";

/** How many different inputs each class has, where they are made by chance. */
const poolSize = 1024;
const [quick, rsa] = [100_000, 10_000];

export const timingCases: readonly TimingCase[] = [
  {
    name: "PKCS#1 v1.5 unwrap",
    classes: ["well padded", "well padded (what the method itself shows)"],
    samples: rsa,
    prepare: () => unwrapping("RSA-PKCS1", (key) => [pkcs1(key), pkcs1(key)]),
  },
  {
    name: "PKCS#1 v1.5 unwrap",
    classes: ["well padded", "not padded"],
    samples: rsa,
    prepare: () => unwrapping("RSA-PKCS1", (key) => [pkcs1(key), raw(key)]),
  },
  {
    name: "PKCS#1 v1.5 unwrap",
    classes: ["of the length asked for", "of another"],
    samples: rsa,
    prepare: () => unwrapping("RSA-PKCS1", (key) => [pkcs1(key), pkcs1(key, 31)]),
  },
  {
    name: "Adyen: unwrap, then the PIN block",
    classes: ["well padded, no PIN block", "not padded"],
    samples: rsa,
    prepare: adyenChange,
  },
  {
    name: "OAEP unwrap (Manger)",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => unwrapping("RSA-OAEP-256", (key) => [raw(key, 1), oaep(key, "label")]),
  },
  {
    name: "OAEP unwrap with SHA-1 (Manger)",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => unwrapping("RSA-OAEP", (key) => [raw(key, 1), oaep(key, "label", "sha1")]),
  },
  {
    name: "OAEP unwrap with SHA-512 (Manger)",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => unwrapping("RSA-OAEP-512", (key) => [raw(key, 1), oaep(key, "label", "sha512")]),
  },
  {
    name: "Stripe: unwrap, then the JWE",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => stripeChange((key) => [raw(key, 1), oaep(key, "label", "sha1")]),
  },
  {
    name: "Stripe: unwrap, then the JWE",
    classes: ["key opens, tag wrong", "key does not"],
    samples: rsa,
    harmless: knownToItsMaker,
    prepare: () => stripeChange((key) => [oaep(key, "", "sha1"), oaep(key, "label", "sha1")]),
  },
  {
    name: "Spritz: unwrap, then the PIN block",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => spritzSet((key) => [raw(key, 1), oaep(key, "label", "sha1")]),
  },
  {
    name: "Spritz: unwrap, then the PIN block",
    classes: ["opens to no session key", "does not open"],
    samples: rsa,
    harmless: knownToItsMaker,
    prepare: () => spritzSet((key) => [oaep(key, "", "sha1", 24), oaep(key, "label", "sha1", 24)]),
  },
  {
    name: "Worldline: unwrap, then the PIN block",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => worldlineSet("RSA-OAEP-256", (key) => [raw(key, 1), oaep(key, "label")]),
  },
  {
    name: "Worldline by PKCS#1 v1.5: unwrap, then the PIN block",
    classes: ["well padded, no PIN block", "not padded"],
    samples: rsa,
    prepare: () => worldlineSet("RSA-PKCS1", (key) => [pkcs1(key), raw(key)]),
  },
  {
    name: "Lithic: unwrap, then the message",
    classes: ["first byte not zero", "another label"],
    samples: rsa,
    prepare: () => lithicChange((key) => [raw(key, 1, 512), oaep(key, "label", "sha1")]),
  },
  {
    name: "Lithic: unwrap, then the message",
    classes: ["opens, is no message", "does not open"],
    samples: rsa,
    harmless: knownToItsMaker,
    prepare: () => lithicChange((key) => [oaep(key, "", "sha1"), oaep(key, "label", "sha1")]),
  },
  {
    name: "OAEP unwrap",
    classes: ["opens", "does not"],
    samples: rsa,
    harmless: knownToItsMaker,
    prepare: () => unwrapping("RSA-OAEP-256", (key) => [oaep(key), oaep(key, "label")]),
  },
  {
    name: "OAEP unpadding, of what a token decrypted",
    classes: ["first byte not zero", "all wrong"],
    samples: quick,
    prepare: () => unpadding((...sent) => unpadOaep(...sent, "SHA-256"), [() => randomBlock(1), () => randomBlock(0)]),
  },
  {
    name: "PKCS#1 unpadding, of what a token decrypted",
    classes: ["well padded", "not padded"],
    samples: quick,
    prepare: () => unpadding(unpadPkcs1, [paddedBlock, () => randomBlock(0)]),
  },
  {
    name: "JWE, opened",
    classes: ["tag wrong in its first byte", "in its last"],
    samples: quick,
    prepare: () =>
      openingJwe((contentKey, tag) => [
        concatBytes(contentKey, flippedAt(tag, 0)),
        concatBytes(contentKey, flippedAt(tag, 31)),
      ]),
  },
  {
    name: "JWE, opened",
    classes: ["content key wrong", "tag wrong"],
    samples: quick,
    prepare: () =>
      openingJwe((contentKey, tag) => [concatBytes(randomBytes(64), tag), concatBytes(contentKey, flippedAt(tag, 31))]),
  },
  {
    name: "AES-GCM envelope, opened",
    classes: ["tag wrong in its first byte", "in its last"],
    samples: quick,
    prepare: openingEnvelope,
  },
  {
    name: "PIN, compared",
    classes: ["first digit differs", "last digit differs"],
    samples: quick,
    prepare: comparingPins,
  },
  {
    name: "Signing method, compared",
    classes: ["first character differs", "last differs"],
    samples: quick,
    prepare: () => comparingMethods("082915", "482910"),
  },
  {
    name: "Signing method, compared",
    classes: ["right", "wrong"],
    samples: quick,
    prepare: () => comparingMethods("482915", "082915"),
  },
  {
    name: "Sealed PIN, opened",
    classes: ["no JSON", "a PIN of three digits"],
    samples: quick,
    harmless: "who sealed it knows what is in it: the tag stands before it",
    prepare: openingPin,
  },
  {
    name: "JWE, taken apart",
    classes: ["wrong in its first segment", "in its last"],
    samples: quick,
    harmless: "nothing in it is secret before it is opened",
    prepare: parsingJwe,
  },
];

interface VaultKeyUnderTest {
  readonly spki: Uint8Array;
  unwrap(wrapped: Uint8Array, lengthBytes: number): Promise<Uint8Array>;
}

async function makeVaultKey(algorithm: KeyAlgorithm): Promise<VaultKeyUnderTest> {
  const vault = new SoftwareVault(randomBytes(32));
  const { handle, publicKeySpki } = await vault.makeKey("k", algorithm);
  const key = { id: "k", algorithm, handle };
  return {
    spki: publicKeySpki ?? new Uint8Array(0),
    unwrap: (wrapped, lengthBytes) => vault.unwrap(key, wrapped, lengthBytes),
  };
}

async function unwrapping(
  algorithm: "RSA-PKCS1" | "RSA-OAEP-256" | "RSA-OAEP" | "RSA-OAEP-512",
  makers: (key: VaultKeyUnderTest) => readonly [() => Uint8Array, () => Uint8Array],
): Promise<TimedOperation> {
  const key = await makeVaultKey(algorithm);
  const lengthBytes = algorithm === "RSA-OAEP-256" ? 64 : 32;
  return overBytes(makers(key), (wrapped) => key.unwrap(wrapped, lengthBytes));
}

async function unpadding(
  unpad: (encoded: Uint8Array, fits: boolean, fallback: Uint8Array) => Uint8Array,
  makers: readonly [() => Uint8Array, () => Uint8Array],
): Promise<TimedOperation> {
  const { load, run } = overBytes(makers, (encoded) => unpad(encoded, true, fallback));
  const fallback = randomBytes(32);
  return { load, run };
}

function randomBlock(first: number): Uint8Array {
  return concatBytes(Uint8Array.of(first, 0x55), randomBytes(254));
}

/** RFC 8017 §7.2.1, for 32 bytes. */
function paddedBlock(): Uint8Array {
  const padding = randomBytes(221).map((byte) => byte || 1);
  return concatBytes(Uint8Array.of(0, 2), padding, Uint8Array.of(0), randomBytes(32));
}

async function adyenChange(): Promise<TimedOperation> {
  const key = await makeVaultKey("RSA-PKCS1");
  const sealed = { encryptedPinBlock: "00".repeat(16), token: "1234567891234567" };
  return overBytes([pkcs1(key), raw(key)], async (wrappedKey) => {
    const sessionKey = await openSessionKey(primitives, { keyId: "k", bytes: await key.unwrap(wrappedKey, 32) });
    await openPinBlock(primitives, sealed, sessionKey).catch(expectRefusal);
  });
}

/** A failed unwrap goes on with a random content key, whose tag is wrong. */
async function stripeChange(
  makers: (key: VaultKeyUnderTest) => readonly [() => Uint8Array, () => Uint8Array],
): Promise<TimedOperation> {
  const key = await makeVaultKey("RSA-OAEP");
  const sealing = { ...primitives, wrapRsaOaep: async () => new Uint8Array(256) };
  const compact = await sealJwe(sealing, stripePinProfile, { key: { n: "", e: "" }, kid: "k" }, utf8("1928"));
  const sealed = await parseStripePin(primitives, compact);
  return overBytes(makers(key), (wrappedKey) =>
    openStripePin(primitives, { ...sealed, jwe: { ...sealed.jwe, wrappedKey } }, (wrapped, lengthBytes) =>
      key.unwrap(wrapped, lengthBytes),
    ).catch(expectRefusal),
  );
}

type Makers = (key: VaultKeyUnderTest) => readonly [() => Uint8Array, () => Uint8Array];

/** The step of a set that opens it, as the server runs it. */
async function spritzSet(makers: Makers): Promise<TimedOperation> {
  const key = await makeVaultKey("RSA-OAEP");
  const unwrapByAny = async (_purpose: string, wrapped: Uint8Array, lengthBytes: number) => ({
    keyId: "k",
    bytes: await key.unwrap(wrapped, lengthBytes),
  });
  const context = { primitives, keyring: { unwrapByAny } } as unknown as Context;
  const terms = { form: "spritz", hashes: ["SHA-1"], wrapped: "base64", keyBytes: [16] } as const;
  const sealed = { terms, block: { iv: new Uint8Array(16), ciphertext: randomBytes(32) }, mark: new Uint8Array(32) };
  const open = openOf(spritz.pinSet);
  return overBytes(makers(key), (wrappedKey) =>
    open(context, { ...sealed, wrappedKey }, card, undefined).catch(expectRefusal),
  );
}

/** The same of Worldline's. With RSAES-PKCS1-v1_5 a block that is none is refused later. */
async function worldlineSet(algorithm: "RSA-OAEP-256" | "RSA-PKCS1", makers: Makers): Promise<TimedOperation> {
  const key = await makeVaultKey(algorithm);
  const keyring = {
    usable: async () => [{ id: "k", version: 1 }],
    unwrapWith: (_key: unknown, wrapped: Uint8Array, lengthBytes: number) => key.unwrap(wrapped, lengthBytes),
  };
  const context = { primitives, keyring } as unknown as Context;
  const sealed = {
    keySet: "01",
    keyWrap: algorithm === "RSA-PKCS1" ? "pkcs1" : "oaep",
    mark: new Uint8Array(32),
    pinBlock: "00".repeat(16),
    blockPan: "5041151234567890",
  } as const;
  const open = openOf(worldline.pinSet);
  return overBytes(makers(key), (wrappedKey) =>
    open(context, { ...sealed, wrappedKey }, card, undefined).catch(expectRefusal),
  );
}

function openOf<Open>({ open }: { readonly open: Open | null }): Open {
  if (open === null) throw new TypeError("the operation opens nothing");
  return open;
}

/** Which card it is does not matter to what is opened. */
const card = {} as CardForChange & WrappedSessionKey & { mark: Uint8Array };

/** A failed unwrap goes on with random bytes, which are no message. */
async function lithicChange(makers: Makers): Promise<TimedOperation> {
  const key = await makeVaultKey("RSA-OAEP-MESSAGE");
  return overBytes(makers(key), async (wrapped) => {
    const bytes = await key.unwrap(wrapped, maxMessageBytes);
    await openLithicPin(primitives, { keyId: "k", bytes }, "card").catch(expectRefusal);
  });
}

/** `make`: content key (64 bytes), then tag (32), of both classes. */
async function openingJwe(
  make: (contentKey: Uint8Array, tag: Uint8Array) => readonly [Uint8Array, Uint8Array],
): Promise<TimedOperation> {
  const contentKey = randomBytes(64);
  const jwe = parseJwe(sealedPinProfile, await sealedJwe(contentKey));
  const [first, second] = make(contentKey, jwe.tag);
  return overBytes([() => first, () => second], (bytes) =>
    openJwe(primitives, sealedPinProfile, { ...jwe, tag: bytes.subarray(64) }, bytes.subarray(0, 64)).catch(
      expectRefusal,
    ),
  );
}

async function openingEnvelope(): Promise<TimedOperation> {
  const key = await makeVaultKey("RSA-OAEP-256");
  const { iv, wrappedKey, ciphertext } = await sealEnvelope(primitives, { spki: key.spki }, randomBytes(200));
  const contentKey = await key.unwrap(wrappedKey, 32);
  const wrongAt = (at: number) => () => flippedAt(ciphertext, ciphertext.length - 16 + at);
  return overBytes([wrongAt(0), wrongAt(15)], (bytes) =>
    openEnvelope(primitives, { iv, ciphertext: bytes }, contentKey).catch(expectRefusal),
  );
}

async function comparingPins(): Promise<TimedOperation> {
  const stored = new Pin(utf8("482915"));
  const presented = new Pin(utf8("482915"));
  const digits = [utf8("082915"), utf8("482910")] as const;
  return {
    load: (which) => presented.asciiDigits().set(digits[which]),
    run: () => stored.equals(presented),
  };
}

async function comparingMethods(first: string, second: string): Promise<TimedOperation> {
  const vault = new SoftwareVault(randomBytes(32));
  const key = { id: "k", algorithm: "HS256", handle: (await vault.makeKey("k", "HS256")).handle } as const;
  const keyring = {
    mac: async (_purpose: string, data: Uint8Array) => ({ keyId: "k", bytes: await vault.mac(key, data) }),
    current: async () => ({ id: "k" }),
  };
  const context = { keyring } as unknown as Context;
  const method = { id: "m", type: "PIN", physicalDeviceId: null } as const;
  const stored = await macOfValue(context, method, utf8("482915"));
  return overBytes([() => utf8(first), () => utf8(second)], (value) => compareValue(context, method, stored, value));
}

async function openingPin(): Promise<TimedOperation> {
  const contentKey = randomBytes(64);
  const sealing = async (plaintext: string) =>
    parseSealedPin(primitives, { encrypted_pin: await sealedJwe(contentKey, plaintext), key_id: "k" });
  const sealedPins = [await sealing("not JSON at all"), await sealing('{"pin": "192"  }')] as const;
  let [loaded] = sealedPins;
  return {
    load: (which) => {
      loaded = sealedPins[which];
    },
    run: () => openSealedPin(primitives, loaded, async () => contentKey.slice()).catch(expectRefusal),
  };
}

async function parsingJwe(): Promise<TimedOperation> {
  const compact = await sealedJwe(randomBytes(64));
  const texts = [`!${compact}`, `${compact}!`] as const;
  let text = "";
  return {
    load: (which) => {
      text = texts[which];
    },
    run: () => {
      try {
        parseJwe(sealedPinProfile, text);
      } catch (error) {
        expectRefusal(error);
      }
    },
  };
}

/** What differs between the classes are bytes of one length, which are copied to one place. */
function overBytes(
  makers: readonly [() => Uint8Array, () => Uint8Array],
  run: (bytes: Uint8Array) => unknown,
): TimedOperation {
  const inputs = makers.map((make) => Array.from({ length: poolSize }, make));
  const bytes = Uint8Array.from(makers[0]());
  return {
    load: (which, index) => bytes.set(inputs[which]?.[index % poolSize] as Uint8Array),
    run: () => run(bytes),
  };
}

function sealedJwe(contentKey: Uint8Array, plaintext = '{"pin":"1928"}'): Promise<string> {
  const chosen = (length: number) => Uint8Array.from(length === 64 ? contentKey : randomBytes(length));
  const sealing = { ...primitives, randomBytes: chosen, wrapRsaOaep: async () => new Uint8Array(256) };
  return sealJwe(sealing, sealedPinProfile, { key: { n: "", e: "" }, kid: "k" }, utf8(plaintext));
}

function flippedAt(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
}

const pkcs1 =
  (key: VaultKeyUnderTest, lengthBytes = 32) =>
  () =>
    wrap(key, randomBytes(lengthBytes), { padding: constants.RSA_PKCS1_PADDING });

/** A block that is no padding, and below the modulus. */
const raw =
  (key: VaultKeyUnderTest, first = 0, modulusBytes = 256) =>
  () =>
    wrap(key, concatBytes(Uint8Array.of(first, 0x55), randomBytes(modulusBytes - 2)), {
      padding: constants.RSA_NO_PADDING,
    });

/** Under another label than the vault's, which is none, it does not open. */
const oaep =
  (key: VaultKeyUnderTest, label = "", oaepHash = "sha256", lengthBytes = oaepHash === "sha256" ? 64 : 32) =>
  () =>
    wrap(key, randomBytes(lengthBytes), {
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash,
      ...(label === "" ? {} : { oaepLabel: Buffer.from(label) }),
    });

function wrap({ spki }: VaultKeyUnderTest, message: Uint8Array, padding: object): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  return Uint8Array.from(publicEncrypt({ key, ...padding }, message));
}

function expectRefusal(error: unknown): void {
  if (!(error instanceof LinchpinError)) throw error;
}
