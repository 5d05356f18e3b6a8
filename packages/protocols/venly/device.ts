import {
  base64FromBytes,
  bytesFromBase64,
  type EnvelopePrimitives,
  hexFromBytes,
  LinchpinError,
  type Primitives,
  sealEnvelope,
} from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { type JsonMembers, writeJsonObject } from "./json-object.ts";
import type { Envelope, SigningMethodType } from "./wire.ts";

/** A key of the issuer's that was accepted: what sealing asks for. */
export interface IssuerKey {
  readonly id: string;
  readonly spki: Uint8Array;
}

/** How a manifest lists the issuer's key. */
export const venlyKey = { purpose: "venly", alg: "RSA-OAEP-256" } as const;

/**
 * Checks an issuer's key as it reaches the device through the relay: the answer of
 * `GET /api/security`, of which the first key is taken.
 * Whether it is strong enough shows when something is sealed to it. That it is the issuer's is said by a manifest alone
 * (`venlyKey`).
 * @throws LinchpinError `public_key_unusable` when the first is not named, or not for OAEP with SHA-256
 */
export function acceptIssuerKey(reply: unknown): Unauthenticated<IssuerKey> {
  const [key] = listOf(memberOf(memberOf(reply, "result"), "encryptionKeys"));
  const [id, publicKey] = [memberOf(key, "id"), memberOf(key, "publicKey")];
  if (typeof id !== "string" || id === "" || typeof publicKey !== "string") throw unusable("there is no key");
  if (memberOf(key, "encryptionAlgorithm") !== "RSAES_OAEP_SHA_256") throw unusable("the key is for another algorithm");
  return { id, spki: spkiOf(publicKey) };
}

/** Values are bytes: `pin.asciiDigits()`, a code, what a device's keystore gives out. Wiping them stays with the caller. */
export interface MethodToMake {
  readonly type: SigningMethodType;
  /** Left out: an emergency code is made by the issuer. */
  readonly value?: Uint8Array;
  /** Of `BIOMETRIC`. */
  readonly physicalDeviceId?: string;
}

/** The sealed body of `POST /api/users`. */
export function sealUserRequest(
  primitives: EnvelopePrimitives,
  issuerKey: IssuerKey,
  { reference, signingMethod }: { reference: string; signingMethod?: MethodToMake },
): Promise<Envelope> {
  return seal(primitives, issuerKey, {
    reference,
    signingMethod: signingMethod === undefined ? undefined : { ...signingMethod },
  });
}

/** The sealed body of `POST /api/users/{userId}/signing-methods`. */
export function sealMethodRequest(
  primitives: EnvelopePrimitives,
  issuerKey: IssuerKey,
  method: MethodToMake,
): Promise<Envelope> {
  return seal(primitives, issuerKey, { ...method });
}

/** The sealed body of `PUT /api/users/{userId}/signing-methods/{signingMethodId}`. */
export function sealMethodUpdate(
  primitives: EnvelopePrimitives,
  issuerKey: IssuerKey,
  { value }: Pick<MethodToMake, "value">,
): Promise<Envelope> {
  return seal(primitives, issuerKey, { value });
}

/**
 * The header `Encrypted-Signing-Method`, good for this one body, once: the bytes must be sent as they were hashed.
 * `hash`: the guide has hex, the vendor's TypeScript base64; issuers take both.
 */
export async function makeEncryptedSigningMethod(
  primitives: EnvelopePrimitives & Pick<Primitives, "sha256">,
  issuerKey: IssuerKey,
  request: {
    method: { id: string; value: Uint8Array; physicalDeviceId?: string };
    body: Uint8Array;
    /** A new UUID for every request; also for one that is sent again because its answer was lost. */
    idempotencyKey?: string;
    hash?: "hex" | "base64";
  },
): Promise<string> {
  const bodySha256 = await primitives.sha256(request.body);
  const envelope = await seal(primitives, issuerKey, {
    ...request.method,
    idempotencyKey: request.idempotencyKey ?? makeUuid(primitives),
    signature: {
      type: "sha256",
      value: request.hash === "base64" ? base64FromBytes(bodySha256) : hexFromBytes(bodySha256),
    },
  });
  return base64FromBytes(writeJsonObject({ ...envelope, encryption: { ...envelope.encryption } }));
}

async function seal(primitives: EnvelopePrimitives, issuerKey: IssuerKey, content: JsonMembers): Promise<Envelope> {
  const plaintext = writeJsonObject(content);
  try {
    const { wrappedKey, iv, ciphertext } = await sealEnvelope(primitives, { spki: issuerKey.spki }, plaintext);
    return {
      encryption: {
        type: "AES/GCM/NoPadding",
        key: { encryptedValue: base64FromBytes(wrappedKey), encryptionKeyId: issuerKey.id },
        iv: base64FromBytes(iv),
      },
      value: base64FromBytes(ciphertext),
    };
  } finally {
    plaintext.fill(0);
  }
}

/** RFC 9562 §5.4. */
function makeUuid({ randomBytes }: Pick<Primitives, "randomBytes">): string {
  const bytes = randomBytes(16);
  bytes[6] = 0x40 | ((bytes[6] as number) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  return hexFromBytes(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function spkiOf(publicKey: string): Uint8Array {
  try {
    return bytesFromBase64(publicKey);
  } catch {
    throw unusable("the key is not base64");
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function unusable(reason: string): LinchpinError {
  return new LinchpinError("public_key_unusable", { reason });
}
