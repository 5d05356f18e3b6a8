import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import {
  base64FromBytes,
  encodeP256PublicKey,
  hexFromBytes,
  LinchpinError,
  type Primitives,
  sealEnvelope,
  sealJwe,
  utf8,
} from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { openPinBlock } from "@linchpin/protocols/adyen/issuer";
import { ciphertextBytes, decodePinMessage, parseSealedPin as parseLithicPin } from "@linchpin/protocols/lithic/issuer";
import { parseClientPublicKey } from "@linchpin/protocols/plumery/issuer";
import { openSealedPin, parseSealedPin, sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import { checkDeviceSignature, parseDevicePublicKey } from "@linchpin/protocols/solaris/issuer";
import {
  openPinBlock as openSpritzBlock,
  openSessionKey as openSpritzSessionKey,
  readSessionKey,
} from "@linchpin/protocols/spritz/issuer";
import { type FormValue, parseForm } from "@linchpin/protocols/stripe/form";
import {
  openSealedPin as openStripePin,
  parseSealedPin as parseStripePin,
  stripePinProfile,
} from "@linchpin/protocols/stripe/issuer";
import {
  openMessage,
  parseMessage,
  parsePlainHeader,
  parseSealedHeader,
  readAndWipe,
  readMethodRequest,
  readMethodUpdate,
  readSignedMethod,
  readUserRequest,
} from "@linchpin/protocols/venly/issuer";
import { openPinBlock as openWorldlineBlock } from "@linchpin/protocols/worldline/issuer";
import { type JsonObject, readJsonObject } from "../../packages/protocols/venly/json-object.ts";
import type { Target } from "../target.ts";
import { ecdsaSignature, p256Point } from "./well-formed.ts";

const json = [
  "{",
  "}",
  "[",
  ":",
  ",",
  '"',
  "\\",
  "\\u",
  "\\u0031",
  "\\ud83d\\ude00",
  "\\ud800",
  "null",
  "1e9",
  " ",
  "\ufeff",
];
const text = (input: Uint8Array) => Buffer.from(input).toString();

/** Randomness that is the same each time, and a wrapping that wraps nothing: what is sealed is what the search is about. */
const sealing: Primitives = {
  ...nodeCryptoPrimitives,
  randomBytes: (length) => new Uint8Array(length).fill(length),
  wrapRsaOaep: async () => new Uint8Array(256),
};

/** What a Solaris device sealed: whoever has the issuer's public key may seal anything. */
const solarisSealedPin: Target = {
  refusals: ["decryption_failed", "pin_length"],
  seeds: [
    '{"pin":"1928"}',
    '{"pin":"192"}',
    '{"pin":"1928374655647"}',
    ' { "pin" : "192837465564" } ',
    '{"pin":1928}',
    '{"pin":"1928","pin":"1"}',
  ].map(utf8),
  words: [...json, '"pin"', '{"pin":"', '"}'],
  take: async (input) => {
    const encrypted_pin = await sealJwe(sealing, sealedPinProfile, { key: { n: "", e: "" }, kid: "k" }, input);
    const sealed = await parseSealedPin(sealing, { encrypted_pin, key_id: "k" });
    const contentKey = sealing.randomBytes(64);
    try {
      const pin = await openSealedPin(nodeCryptoPrimitives, sealed, async () => contentKey);
      assert.deepEqual(JSON.parse(text(input)), { pin: text(pin.asciiDigits()) });
    } catch (error) {
      if (error instanceof LinchpinError && error.code === "pin_length") assertWrongLength(input);
      throw error;
    } finally {
      assert.ok(isZero(contentKey), "the content key is not wiped");
    }
  },
};

/** What was sealed for Stripe's protocol: digits and nothing else. */
const stripeSealedPin: Target = {
  refusals: ["decryption_failed", "pin_length"],
  seeds: ["1928", "192", "1928374655647", "192837465564", "", "1928\n", '"1928"'].map(utf8),
  words: [...json, "0", "\u0661", "\x00", "\n", " "],
  take: async (input) => {
    const jwe = await sealJwe(sealing, stripePinProfile, { key: { n: "", e: "" }, kid: "k" }, input);
    const contentKey = sealing.randomBytes(32);
    try {
      const sealed = await parseStripePin(sealing, jwe);
      const pin = await openStripePin(nodeCryptoPrimitives, sealed, async () => contentKey);
      assert.equal(text(input), text(pin.asciiDigits()));
    } catch (error) {
      if (error instanceof LinchpinError && error.code === "pin_length")
        assert.match(text(input), /^([0-9]{1,3}|[0-9]{13,})$/);
      throw error;
    } finally {
      assert.ok(isZero(contentKey), "the content key is not wiped");
    }
  },
};

/**
 * What was sealed for Lithic's protocol, behind the zeros that a vault puts before it. What is taken reads the same by
 * JSON.parse, its nonce's digits by the text; nothing of it stays.
 */
const lithicMessage: Target = {
  refusals: ["decryption_failed"],
  seeds: [
    '{"nonce":12341234,"pin":"1234"}',
    '{"nonce": 12341234, "pin": "1234"}',
    '{"pin":"192837465564","nonce":123456789012345678901234567890123456789}',
    '\x00\x00\n{ "pin" : "0000" ,\t"nonce" : 10000000 }\r\n',
    '{"nonce":12341234,"pin":"1234","pin":"1928"}',
    '{"nonce":"12341234","pin":"1234"}',
    '{"nonce":12341234,"pin":1234}',
    "1234",
  ].map(utf8),
  words: [...json, '"nonce"', '"pin"', '{"nonce":', ',"pin":"', '"}', "12341234", "\x00", "-", "0", "e9", ".0"],
  take: async (input) => {
    const plaintext = Uint8Array.from(input);
    try {
      const { nonce, pin } = decodePinMessage(plaintext);
      const sent = text(input).replace(/^\0+/, "");
      assert.deepEqual(JSON.parse(sent), { nonce: Number(nonce), pin: text(pin.asciiDigits()) });
      assert.match(nonce, /^[1-9][0-9]{7,38}$/);
      assert.ok(sent.replaceAll(/\s/g, "").includes(`"nonce":${nonce}`));
    } finally {
      assert.ok(isZero(plaintext), "the message is not wiped");
    }
  },
};

/** `pin` as it came, held against the platform's base64: 512 bytes in their one canonical text, and nothing else. */
const lithicPinText: Target = {
  refusals: ["encoding_invalid"],
  seeds: [`${"A".repeat(683)}=`, "A".repeat(684), `${"A".repeat(682)}==`, `${"A".repeat(342)}==`, ""].map(utf8),
  words: ["=", "==", "+", "/", "-", "_", "A".repeat(64), "\n", " "],
  take: async (input) => {
    const sent = Buffer.from(input).toString("latin1");
    const { ciphertext } = await parseLithicPin(nodeCryptoPrimitives, sent);
    assert.equal(ciphertext.length, ciphertextBytes);
    assert.equal(Buffer.from(ciphertext).toString("base64"), sent);
  },
};

/** What was wrapped for Spritz' protocol, held against the platform's base64: a key's one canonical text, and nothing else. */
const spritzSessionKey: Target = {
  refusals: [],
  seeds: ["ABEiM0RVZneImaq7zN3u/w==", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAB==", "", "00112233"].map(utf8),
  words: ["=", "==", "+", "/", "-", "_", "A", "\x00", "\n"],
  take: async (input) => {
    const key = readSessionKey(Uint8Array.from(input), "base64", 16);
    const bytes = Buffer.from(text(input), "base64");
    const isKey = bytes.length === 16 && bytes.toString("base64") === Buffer.from(input).toString("latin1");
    assert.deepEqual(key, isKey ? Uint8Array.from(bytes) : null);
  },
};

/** What was sealed for Spritz' protocol: a block of format 2 as text. */
const spritzBlock: Target = {
  refusals: ["decryption_failed"],
  seeds: ["241234FFFFFFFFFF", "2c012345678901ff", "2C012345678901FF", "2100123456789FFFF", "1234", ""].map(utf8),
  words: ["F", "f", "a", "A", "0", "2", "\x00"],
  take: async (input) => {
    const bytes = sealing.randomBytes(16);
    const unwrapped = { keyId: "k", keyBytes: 16, bytes: bytes.slice(), isKnown: true };
    const sessionKey = await openSpritzSessionKey(nodeCryptoPrimitives, [unwrapped], "raw");
    const iv = sealing.randomBytes(16);
    const ciphertext = await nodeCryptoPrimitives.encryptAesGcm(sessionKey.bytes, iv, input, new Uint8Array(0));
    const pin = await openSpritzBlock(nodeCryptoPrimitives, { iv, ciphertext }, sessionKey);
    const digits = text(pin.asciiDigits());
    const block = `2${digits.length.toString(16)}${digits}`.padEnd(16, "f");
    assert.equal(text(input).toLowerCase(), block);
  },
};

/** A form, held against the platform's reading of its pairs: each value stands once in what it becomes, under its name. */
const stripeForm: Target = {
  refusals: ["request_invalid"],
  seeds: [
    "",
    "pin[encrypted_number]=a.b.c",
    "pin%5Bencrypted_number%5D=a&status=active",
    "a[]=1&a[]=2&b[0][c]=3",
    "metadata[a b]=%C3%A9+x&metadata[]=",
    "a=1&a=2",
    "a[b=1",
  ].map(utf8),
  words: ["[", "]", "[]", "[0]", "=", "&", "%5B", "%5D", "%00", "%", "+", "__proto__", "constructor", "a", "0"],
  take: async (input) => {
    const form = parseForm(text(input));
    const pairs = [...new URLSearchParams(text(input))];
    const leaves = leavesOf(form);
    assert.deepEqual(leaves.map(([, value]) => value).toSorted(), pairs.map(([, value]) => value).toSorted());
    const again = new URLSearchParams(leaves.map(([name, value]) => [name, value] as [string, string]));
    assert.deepEqual(parseForm(again.toString()), form);
  },
};

function leavesOf(value: FormValue, name = ""): [name: string, value: string][] {
  if (typeof value === "string") return [[name, value]];
  return Object.entries(value).flatMap(([each, below]) => leavesOf(below, name === "" ? each : `${name}[${each}]`));
}

/** `pin_length` is said of digits alone, and only where they are fewer than four or more than twelve. */
function assertWrongLength(input: Uint8Array) {
  const { pin } = JSON.parse(text(input)) as { pin: string };
  assert.match(pin, /^[0-9]*$/);
  assert.ok(pin.length < 4 || pin.length > 12);
}

const solarisSignature: Target = {
  refusals: ["signature_invalid"],
  seeds: [utf8(hexFromBytes(ecdsaSignature)), utf8("3006020100020100")],
  words: ["30", "02", "0221", "8100", "00"],
  take: async (input) => {
    await checkDeviceSignature(nodeCryptoPrimitives, {
      publicPoint: p256Point,
      text: "text",
      signatureHex: text(input),
    });
    // What verifies is the one signature that was made over it, in either case.
    assert.equal(text(input).toLowerCase(), hexFromBytes(ecdsaSignature));
  },
};

const solarisDeviceKey: Target = {
  refusals: ["public_key_unusable"],
  seeds: [utf8(hexFromBytes(p256Point)), utf8(`02${hexFromBytes(p256Point.subarray(1, 33))}`)],
  words: ["04", "02", "00", "3059"],
  take: async (input) => {
    const point = await parseDevicePublicKey(nodeCryptoPrimitives, text(input));
    assert.equal(hexFromBytes(point), text(input).toLowerCase());
    assert.ok(await nodeCryptoPrimitives.isP256Point(point));
  },
};

/** `encryptedPinBlock`, a comma, `token`. */
const adyenPinBlock: Target = {
  refusals: ["decryption_failed", "encoding_invalid"],
  seeds: [utf8("511244586c654600a8938b5a18f455d0,1234567891234567"), utf8(",")],
  words: [",", "0", "1234567891234567", "00000000000000000000000000000000"],
  take: async (input) => {
    const [encryptedPinBlock = "", token = ""] = text(input).split(",");
    const sessionKey = { bytes: new Uint8Array(32), mark: new Uint8Array(32), keyId: "k", wipe: () => {} };
    const pin = await openPinBlock(nodeCryptoPrimitives, { encryptedPinBlock, token }, sessionKey);
    assert.ok(pin.length >= 4 && pin.length <= 12);
  },
};

const plumeryClientKey: Target = {
  refusals: ["public_key_unusable"],
  seeds: (["spki", "raw"] as const).map((encoding) => utf8(base64FromBytes(encodeP256PublicKey(p256Point, encoding)))),
  words: ["=", "==", "BA", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"],
  take: async (input) => {
    const { point, encoding } = await parseClientPublicKey(nodeCryptoPrimitives, text(input));
    assert.equal(base64FromBytes(encodeP256PublicKey(point, encoding)), text(input));
  },
};

const envelopeWords = [
  "null",
  ...json,
  '"encryption"',
  '"type":"AES/GCM/NoPadding"',
  '"key"',
  '"encryptedValue"',
  '"encryptionKeyId"',
  '"iv"',
  '"value"',
  "__proto__",
  "AAAAAAAAAAAAAAAA",
];
const envelope = `{"encryption":{"type":"AES/GCM/NoPadding","key":{"encryptedValue":"${"A".repeat(32)}","encryptionKeyId":"k"},"iv":"AAAAAAAAAAAAAAAA"},"value":"${"A".repeat(24)}"}`;

/**
 * JSON with secrets, held against JSON.parse: what is taken reads the same there, and what is no JSON here is none there.
 * What is refused stays nowhere.
 */
const venlyJson: Target = {
  refusals: ["json_invalid", "request_invalid"],
  seeds: [
    envelope,
    '{"value":"123456"}',
    '{"a":{"b":{"c":"\\ud83d\\ude00\\n"}}}',
    '{"a":{"b":{"c":{}}}}',
    '{"__proto__":"x"}',
  ].map(utf8),
  words: envelopeWords,
  take: async (input) => {
    const expected = parsedByPlatform(input);
    const made: Uint8Array[] = [];
    try {
      const object = recordingBytes(made, () => readJsonObject(input));
      if (isUtf8(input)) assert.deepEqual(asPlain(object), expected);
    } catch (error) {
      if (!(error instanceof LinchpinError)) throw error;
      assert.ok(made.every(isZero), "a copy of what was refused stays behind");
      if (error.code === "json_invalid") assert.equal(expected, null, "a JSON object was taken for none");
      throw error;
    }
  },
};

const venlyBody: Target = {
  refusals: ["json_invalid", "request_invalid", "decryption_failed"],
  seeds: [
    utf8(envelope),
    utf8('{"type":"PIN","value":"123456"}'),
    utf8('{"type":"BIOMETRIC","value":"12345678","physicalDeviceId":"d"}'),
    utf8('{"reference":"r","signingMethod":{"type":"PIN","value":"123456"}}'),
    utf8('{"value":"123456"}'),
  ],
  words: [
    ...envelopeWords,
    '"reference":"r"',
    '"signingMethod":',
    '"physicalDeviceId":"d"',
    "BIOMETRIC",
    "EMERGENCY_CODE",
    "\\u0000",
  ],
  take: async (input) => {
    const message = await parseMessage(nodeCryptoPrimitives, input);
    if ("sealed" in message) return assertSealed(message.sealed);
    const readers = [readUserRequest, readMethodRequest, readMethodUpdate];
    const taken = readers.map((read) => takenBy(read, readJsonObject(input)));
    if (!taken.includes(true)) throw new LinchpinError("request_invalid");
  },
};

/** `Encrypted-Signing-Method` before it is base64. */
const venlyHeader: Target = {
  refusals: ["decryption_failed"],
  seeds: [utf8(envelope)],
  words: envelopeWords,
  take: async (input) => assertSealed(await parseSealedHeader(nodeCryptoPrimitives, base64FromBytes(input))),
};

/** `Encrypted-Signing-Method` as it came. */
const venlyHeaderText: Target = {
  ...venlyHeader,
  seeds: [utf8(base64FromBytes(utf8(envelope)))],
  words: ["=", "eyJ", "fQ==", "e30="],
  take: async (input) =>
    assertSealed(await parseSealedHeader(nodeCryptoPrimitives, Buffer.from(input).toString("latin1"))),
};

const signedMethod = `{"id":"m","value":"123456","idempotencyKey":"3b241101-e2bb-4255-8caf-4136c566a962","signature":{"type":"sha256","value":"${"ab".repeat(32)}"}}`;

/** What a device sealed into `Encrypted-Signing-Method`. */
const venlySignedMethod: Target = {
  refusals: ["decryption_failed"],
  seeds: [utf8(signedMethod), utf8(signedMethod.replace('"id"', '"physicalDeviceId":"d","id"'))],
  words: [
    ...json,
    '"id"',
    '"value"',
    '"physicalDeviceId"',
    '"idempotencyKey"',
    '"signature"',
    '"sha256"',
    "__proto__",
    "constructor",
  ],
  take: async (input) => {
    const sealedTo = await sealEnvelope(sealing, { n: "", e: "" }, input);
    const contentKey = sealing.randomBytes(32);
    const sealed = { keyId: "k", mark: new Uint8Array(32), envelope: sealedTo };
    try {
      const { id, value } = await openMessage(nodeCryptoPrimitives, sealed, async () => contentKey, readSignedMethod);
      const expected = JSON.parse(text(input));
      assert.deepEqual([id, text(value)], [expected.id, expected.value]);
    } finally {
      assert.ok(isZero(contentKey), "the content key is not wiped");
    }
  },
};

/** `Signing-Method`, in clear. */
const venlyPlainHeader: Target = {
  refusals: ["request_invalid"],
  seeds: [utf8("method:123456")],
  words: [":", "::", "\x00"],
  take: async (input) => {
    const { id, value } = parsePlainHeader(text(input));
    assert.equal(`${id}:${text(value)}`, text(input));
  },
};

function assertSealed({
  keyId,
  envelope: { wrappedKey, iv, ciphertext },
}: Awaited<ReturnType<typeof parseSealedHeader>>): void {
  assert.ok(keyId.length > 0 && keyId.length <= 128 && iv.length === 12);
  assert.ok(wrappedKey.length <= 513 && ciphertext.length >= 16);
}

function takenBy(read: (object: JsonObject) => unknown, object: JsonObject): boolean {
  try {
    readAndWipe(object, read);
    return true;
  } catch (error) {
    if (error instanceof LinchpinError && ["request_invalid", "json_invalid"].includes(error.code)) return false;
    throw error;
  } finally {
    assertWiped(object);
  }
}

function assertWiped(object: JsonObject): void {
  for (const value of object.values())
    if (value instanceof Uint8Array) assert.ok(isZero(value), "a value is not wiped");
    else assertWiped(value);
}

/** What JSON.parse makes of it, where that is an object of strings and objects, three deep at most; else null. */
function parsedByPlatform(input: Uint8Array): object | null {
  try {
    const json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input);
    const value: unknown = JSON.parse(json, (_, member) => (member === null ? undefined : member)); // a null is left out
    return isOfStrings(value, 3) ? value : null;
  } catch {
    return null;
  }
}

function isOfStrings(value: unknown, depth: number): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth === 0) return false;
  return Object.entries(value).every(
    ([name, member]) =>
      name.isWellFormed() && (typeof member === "string" ? member.isWellFormed() : isOfStrings(member, depth - 1)),
  );
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function asPlain(object: JsonObject): unknown {
  const entries = [...object].map(([name, value]) => [
    name,
    value instanceof Uint8Array ? text(value) : asPlain(value),
  ]);
  return Object.fromEntries(entries);
}

/** Every Uint8Array that is made meanwhile. */
function recordingBytes<Result>(made: Uint8Array[], run: () => Result): Result {
  const original = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const bytes = Reflect.construct(target, parameters, newTarget === globalThis.Uint8Array ? original : newTarget);
      made.push(bytes);
      return bytes;
    },
  });
  try {
    return run();
  } finally {
    globalThis.Uint8Array = original;
  }
}

/** What a bank enciphered under its session key: a PIN field, or any 16 bytes. What opens is the PIN that stands there. */
const worldlinePinBlock: Target = {
  refusals: ["decryption_failed"],
  seeds: ["441928aaaaaaaaaa0011223344556677", "4c192837465564aa0011223344556677", "042846ffffffffff"].map((hex) =>
    Uint8Array.from(Buffer.from(hex, "hex")),
  ),
  words: ["\x44", "\x4c", "\xaa", "\xff", "\x00"],
  take: async (input) => {
    const pan = "5041151234567890";
    const key = sealing.randomBytes(16);
    const field = Buffer.alloc(16, 0xaa);
    field.set(input.subarray(0, 16));
    const encipher = async (block: Uint8Array) =>
      (await nodeCryptoPrimitives.encryptAesCbc(key, new Uint8Array(16), block)).subarray(0, 16);
    const mask = Buffer.from(`4${pan}`.padEnd(32, "0"), "hex");
    const first = (await encipher(field)).map((byte, index) => byte ^ (mask[index] ?? 0));
    const pinBlock = hexFromBytes(await encipher(first));
    const pin = await openWorldlineBlock(nodeCryptoPrimitives, { pinBlock, pan }, key);
    const digits = text(pin.asciiDigits());
    assert.ok(hexFromBytes(field).startsWith(`4${digits.length.toString(16)}${digits}`.padEnd(16, "a")));
  },
};

/** By the name of the folder that its corpus is in. */
export const protocolsTargets = {
  "solaris-sealed-pin": solarisSealedPin,
  "solaris-signature": solarisSignature,
  "solaris-device-key": solarisDeviceKey,
  "stripe-sealed-pin": stripeSealedPin,
  "stripe-form": stripeForm,
  "lithic-message": lithicMessage,
  "lithic-pin-text": lithicPinText,
  "spritz-session-key": spritzSessionKey,
  "spritz-block": spritzBlock,
  "adyen-pin-block": adyenPinBlock,
  "worldline-pin-block": worldlinePinBlock,
  "plumery-client-key": plumeryClientKey,
  "venly-json": venlyJson,
  "venly-body": venlyBody,
  "venly-header": venlyHeader,
  "venly-header-text": venlyHeaderText,
  "venly-signed-method": venlySignedMethod,
  "venly-plain-header": venlyPlainHeader,
};
