import {
  type AesGcmEnvelope,
  bytesFromBase64,
  bytesFromHex,
  concatBytes,
  envelopeContentKeyBytes,
  equalInConstantTime,
  LinchpinError,
  openEnvelope,
  type Primitives,
  randomCharacters,
  type Unwrap,
  utf8,
  withContentKey,
} from "@linchpin/core";
import { type JsonObject, readJsonObject, wipeJsonObject } from "./json-object.ts";
import { invalid, membersOf, missing, objectOf, requiredText, secretOf, textOrNull } from "./members.ts";
import { maxHeaderLength, type SigningMethodType, signingMethodTypes } from "./wire.ts";

export { readJsonObject } from "./json-object.ts";
export type { Upstream, UpstreamAnswer, UpstreamRequest, VenlySandbox } from "./upstream.ts";

/** An envelope, taken apart but not opened. */
export interface SealedMessage {
  readonly keyId: string;
  /** SHA-256 over what was encrypted: what is spent, however its JSON is written. */
  readonly mark: Uint8Array;
  readonly envelope: AesGcmEnvelope;
}

/** `Encrypted-Signing-Method`: base64 of an envelope. @throws LinchpinError `decryption_failed` */
export async function parseSealedHeader(primitives: Primitives, header: string): Promise<SealedMessage> {
  if (header.length > maxHeaderLength) throw unreadable("the header is too long");
  return parseEnvelope(
    primitives,
    unlessUnreadable(() => readJsonObject(bytesFromBase64(header))),
  );
}

/** A body: an envelope, or what it would hold. */
export type Message = { readonly sealed: SealedMessage } | { readonly plain: JsonObject };

/**
 * @throws LinchpinError `json_invalid`, `request_invalid`; `decryption_failed` for an envelope that is not of its form
 */
export async function parseMessage(primitives: Primitives, body: Uint8Array): Promise<Message> {
  const object = readJsonObject(body);
  return object.has("encryption") ? { sealed: await parseEnvelope(primitives, object) } : { plain: object };
}

/**
 * Opens an envelope and reads what it holds by one of the readers below.
 * @throws LinchpinError `decryption_failed`, whatever was wrong; what `unwrap` throws
 */
export function openMessage<Content>(
  primitives: Primitives,
  { envelope }: SealedMessage,
  unwrap: Unwrap,
  read: (object: JsonObject) => Content,
): Promise<Content> {
  const { wrappedKey } = envelope;
  return withContentKey(unwrap, { wrappedKey, lengthBytes: envelopeContentKeyBytes }, async (contentKey) => {
    const plaintext = await openEnvelope(primitives, envelope, contentKey);
    try {
      return unlessUnreadable(() => readAndWipe(readJsonObject(plaintext), read));
    } finally {
      plaintext.fill(0);
    }
  });
}

/** The content of a plain body. @throws LinchpinError `request_invalid` */
export function readAndWipe<Content>(object: JsonObject, read: (object: JsonObject) => Content): Content {
  try {
    return read(object);
  } finally {
    wipeJsonObject(object);
  }
}

/** A signing method as a request presents it. `value` is the caller's to wipe. */
export interface PresentedMethod {
  readonly id: string;
  readonly value: Uint8Array;
  readonly physicalDeviceId: string | null;
  /** A UUID in lower case; null where it came by the plain header. */
  readonly idempotencyKey: string | null;
  /** SHA-256 of the body as the device sent it; null where it came by the plain header. */
  readonly bodySha256: Uint8Array | null;
}

/** What `Encrypted-Signing-Method` holds. @throws LinchpinError `request_invalid` */
export function readSignedMethod(object: JsonObject): PresentedMethod {
  const { id, value, physicalDeviceId, idempotencyKey, signature } = membersOf(object, [
    "id",
    "value",
    "physicalDeviceId",
    "idempotencyKey",
    "signature",
  ]);
  const { type, value: hash } = membersOf(objectOf(signature, "signature"), ["type", "value"]);
  if (requiredText(type, "signature.type", 16) !== "sha256") throw invalid("signature.type");
  return {
    id: requiredText(id, "id", 64),
    idempotencyKey: uuidOf(requiredText(idempotencyKey, "idempotencyKey", 36)),
    bodySha256: hashOf(requiredText(hash, "signature.value", 64)),
    physicalDeviceId: textOrNull(physicalDeviceId, "physicalDeviceId", 128),
    value: secretOf(value) ?? missing("value"),
  };
}

/**
 * `Signing-Method: id:value`. The value has been a string before it comes here: an HTTP server knows headers as
 * nothing else.
 * @throws LinchpinError `request_invalid`
 */
export function parsePlainHeader(header: string): PresentedMethod {
  const colon = header.indexOf(":");
  if (colon < 1 || colon > 64 || header.length - colon > 257) throw invalid("Signing-Method");
  return {
    id: header.slice(0, colon),
    value: utf8(header.slice(colon + 1)),
    physicalDeviceId: null,
    idempotencyKey: null,
    bodySha256: null,
  };
}

/**
 * Over the bytes as received, of a sealed body the envelope, not what it holds.
 * @throws LinchpinError `body_mismatch`
 */
export async function checkBodyHash(
  primitives: Primitives,
  { bodySha256 }: PresentedMethod,
  body: Uint8Array,
): Promise<void> {
  if (bodySha256 !== null && !equalInConstantTime(bodySha256, await primitives.sha256(body)))
    throw new LinchpinError("body_mismatch", {
      reason: `the hash must be the SHA-256 of the ${body.length} bytes of the body as sent: where the body is an envelope, of the envelope`,
    });
}

/** A signing method to be made. `value` is the caller's to wipe; null: left out. */
export interface MethodRequest {
  readonly type: SigningMethodType;
  readonly value: Uint8Array | null;
  readonly physicalDeviceId: string | null;
}

export interface UserRequest {
  readonly reference: string | null;
  readonly signingMethod: MethodRequest | null;
}

/** The body of `POST /api/users`. @throws LinchpinError `request_invalid` */
export function readUserRequest(object: JsonObject): UserRequest {
  const { reference, signingMethod } = membersOf(object, ["reference", "signingMethod"]);
  return {
    reference: textOrNull(reference, "reference", 256),
    signingMethod: signingMethod === undefined ? null : readMethodRequest(objectOf(signingMethod, "signingMethod")),
  };
}

/** The body of `PUT /api/users/{userId}`: the reference. @throws LinchpinError `request_invalid` */
export function readUserUpdate(object: JsonObject): string | null {
  return textOrNull(membersOf(object, ["reference"]).reference, "reference", 256);
}

/** The body of `POST /api/users/{userId}/signing-methods`. @throws LinchpinError `request_invalid` */
export function readMethodRequest(object: JsonObject): MethodRequest {
  const { type, value, physicalDeviceId } = membersOf(object, ["type", "value", "physicalDeviceId"]);
  const methodType = typeOf(requiredText(type, "type", 16));
  // Beside another type a device's id has no meaning, and some clients send it always.
  const deviceId = methodType === "BIOMETRIC" ? requiredText(physicalDeviceId, "physicalDeviceId", 128) : null;
  return { type: methodType, physicalDeviceId: deviceId, value: secretOf(value) };
}

/** The body of `PUT /api/users/{userId}/signing-methods/{signingMethodId}`. @throws LinchpinError `request_invalid` */
export function readMethodUpdate(object: JsonObject): Pick<MethodRequest, "value"> {
  return { value: secretOf(membersOf(object, ["value"]).value) };
}

/**
 * The value, if a signing method of this type may have it.
 * @throws LinchpinError `signing_method_empty`, `signing_method_malformed`
 */
export function checkValue(type: SigningMethodType, value: Uint8Array | null): Uint8Array {
  if (value === null || value.length === 0) throw new LinchpinError("signing_method_empty", { field: "value" });
  const { minLength, maxLength, takes } = valueForms[type];
  let isOfForm = value.length >= minLength && value.length <= maxLength;
  for (const byte of value) isOfForm = takes(byte) && isOfForm;
  if (!isOfForm) throw new LinchpinError("signing_method_malformed", { field: "value" });
  return value;
}

/** 25 letters and digits, each as likely: 148 bits. The caller wipes it. */
export function makeEmergencyCode(random: Pick<Primitives, "randomBytes">): Uint8Array {
  return randomCharacters(random, alphanumerics, emergencyCodeLength);
}

const emergencyCodeLength = 25;
const alphanumerics = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

const valueForms: Readonly<
  Record<SigningMethodType, { minLength: number; maxLength: number; takes: (byte: number) => boolean }>
> = {
  PIN: { minLength: 6, maxLength: 6, takes: (byte) => byte >= 0x30 && byte <= 0x39 },
  EMERGENCY_CODE: {
    minLength: emergencyCodeLength,
    maxLength: emergencyCodeLength,
    takes: (byte) => alphanumerics.includes(byte),
  },
  BIOMETRIC: { minLength: 8, maxLength: 256, takes: isVisibleAscii },
  PASSWORD: { minLength: 8, maxLength: 256, takes: isVisibleAscii },
};

function isVisibleAscii(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

async function parseEnvelope(primitives: Primitives, object: JsonObject): Promise<SealedMessage> {
  const { keyId, envelope } = unlessUnreadable(() => readAndWipe(object, readEnvelope));
  const { iv, wrappedKey, ciphertext } = envelope;
  // Each part but the last has one length, given the key.
  const mark = await primitives.sha256(concatBytes(utf8("venly envelope\0"), iv, wrappedKey, ciphertext));
  return { keyId, mark, envelope };
}

function readEnvelope(object: JsonObject): Omit<SealedMessage, "mark"> {
  const { encryption, value } = membersOf(object, ["encryption", "value"]);
  const { type, key, iv } = membersOf(objectOf(encryption, "encryption"), ["type", "key", "iv"]);
  const { encryptedValue, encryptionKeyId } = membersOf(objectOf(key, "key"), ["encryptedValue", "encryptionKeyId"]);
  if (requiredText(type, "type", 32) !== "AES/GCM/NoPadding") throw invalid("encryption.type");
  const envelope = {
    wrappedKey: bytesFromBase64(requiredText(encryptedValue, "encryptedValue", 684)),
    iv: bytesFromBase64(requiredText(iv, "iv", 16)),
    ciphertext: bytesFromBase64(requiredText(value, "value", 5464)),
  };
  if (envelope.iv.length !== 12) throw invalid("encryption.iv");
  if (envelope.ciphertext.length < 16) throw invalid("value");
  return { keyId: requiredText(encryptionKeyId, "encryptionKeyId", 128), envelope };
}

function typeOf(text: string): SigningMethodType {
  const type = signingMethodTypes.find((known) => known === text);
  if (type === undefined) throw invalid("type");
  return type;
}

function uuidOf(text: string): string {
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) throw invalid("idempotencyKey");
  return text.toLowerCase();
}

/** Hex as the guide has it, or base64 as the vendor's TypeScript has it. */
function hashOf(text: string): Uint8Array {
  const bytes = text.length === 64 ? bytesFromHex(text) : bytesFromBase64(text);
  if (bytes.length !== 32) throw invalid("signature.value");
  return bytes;
}

/** What opens to nonsense answers as what does not open. */
function unlessUnreadable<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LinchpinError)) throw error;
    throw unreadable(`${error.message}${error.field === undefined ? "" : ` (${error.field})`}`);
  }
}

function unreadable(reason: string): LinchpinError {
  return new LinchpinError("decryption_failed", { reason });
}
