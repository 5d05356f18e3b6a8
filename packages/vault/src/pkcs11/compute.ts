import { createHash, randomBytes } from "node:crypto";
import { LinchpinError, type OaepHash } from "@linchpin/core";
import { ivBytes, tagBytes } from "../aes-gcm.ts";
import { isOfMessages, isRsa, oaepHashOf } from "../algorithms.ts";
import { unpadOaep, unpadOaepMessage, unpadPkcs1 } from "../rsa-unpadding.ts";
import type { Capabilities } from "./capabilities.ts";
import { agreementMechanism, gcmMechanism, oaepMechanism, rawRsaMechanism } from "./mechanisms.ts";
import { returnedCode } from "./pkcs11-failure.ts";
import type { Token } from "./token.ts";
import type { TokenKey, TokenKeys } from "./token-keys.ts";
import type { Answer, Operation } from "./worker-messages.ts";

/** What a worker computes with. */
export interface LoggedInToken {
  readonly token: Token;
  readonly keys: TokenKeys;
  readonly capabilities: Capabilities;
}

type OperationOf<Method extends Operation["method"]> = Extract<Operation, { method: Method }>;

/** Runs an operation in the token; what the token cannot do is done here. @throws Pkcs11Failure, LinchpinError */
export async function compute(at: LoggedInToken, operation: Operation): Promise<Answer> {
  switch (operation.method) {
    case "makeKey":
      return at.keys.make(operation.id, operation.algorithm, operation.rsaModulusBits);
    case "unwrap":
      return unwrap(at, operation);
    case "seal":
      return seal(at, operation);
    case "open":
      return open(at, operation);
    case "mac":
      return mac(at, operation);
    case "sign":
      return sign(at, operation);
    case "agree":
      return agree(at, operation);
    case "destroyKey":
      await at.keys.destroy(operation.key);
      return null;
  }
}

async function unwrap(at: LoggedInToken, { key, wrapped, lengthBytes, fallback }: OperationOf<"unwrap">) {
  const tokenKey = await at.keys.find(key);
  // Drawn on every call, so that a ciphertext that opens costs the same as one that does not.
  const substitute: Uint8Array = randomBytes(lengthBytes);
  if (fallback !== null) substitute.set(fallback);
  const modulus = tokenKey.modulus ?? Buffer.alloc(0);
  // Whether a ciphertext has the modulus's length and is below it is public. If not, another one is decrypted instead.
  const fits = wrapped.length === modulus.length && Buffer.compare(wrapped, modulus) < 0;
  const ciphertext = fits ? wrapped : Buffer.alloc(modulus.length, 1);
  const hash = isRsa(key.algorithm) ? oaepHashOf(key.algorithm) : null;
  const isMessage = isRsa(key.algorithm) && isOfMessages(key.algorithm);
  if (hash === null) return unpadPkcs1(await decryptRaw(at, tokenKey, ciphertext), fits, substitute);
  if (!at.capabilities.opensOaep.includes(hash)) {
    const unpad = isMessage ? unpadOaepMessage : unpadOaep;
    return unpad(await decryptRaw(at, tokenKey, ciphertext), fits, substitute, hash);
  }
  const content = await decryptOaep(at, tokenKey, ciphertext, hash);
  const opens =
    fits && content !== null && (isMessage ? content.length <= lengthBytes : content.length === lengthBytes);
  if (opens) {
    substitute.fill(0);
    substitute.set(content, lengthBytes - content.length);
  }
  content?.fill(0);
  return substitute;
}

/** RSADP (RFC 8017 §5.1.2). The result is zeros where the module refuses the ciphertext, as some do for 0, 1 and n-1. */
async function decryptRaw(at: LoggedInToken, { object }: TokenKey, ciphertext: Uint8Array): Promise<Buffer> {
  const decrypted = await nullIfRefused(at.capabilities.refusals.rawRsa, () =>
    at.token.decrypt(rawRsaMechanism(at.token.binding), object, ciphertext, ciphertext.length),
  );
  return decrypted ?? Buffer.alloc(ciphertext.length);
}

function decryptOaep(
  at: LoggedInToken,
  { object }: TokenKey,
  ciphertext: Uint8Array,
  hash: OaepHash,
): Promise<Buffer | null> {
  return nullIfRefused(at.capabilities.refusals.oaep, () =>
    at.token.decrypt(oaepMechanism(at.token.binding, hash), object, ciphertext, ciphertext.length),
  );
}

async function seal(at: LoggedInToken, { key, plaintext, associatedData }: OperationOf<"seal">): Promise<Uint8Array> {
  const { object } = await at.keys.find(key);
  const iv = randomBytes(ivBytes);
  const mechanism = gcmMechanism(at.token.binding, at.capabilities.gcmParameters, iv, associatedData);
  return Buffer.concat([iv, await at.token.encrypt(mechanism, object, plaintext, plaintext.length + tagBytes)]);
}

async function open(at: LoggedInToken, { key, sealed, associatedData }: OperationOf<"open">): Promise<Uint8Array> {
  const { object } = await at.keys.find(key);
  const [iv, ciphertext] = [sealed.subarray(0, ivBytes), sealed.subarray(ivBytes)];
  const mechanism = gcmMechanism(at.token.binding, at.capabilities.gcmParameters, iv, associatedData);
  const plaintext =
    ciphertext.length < tagBytes
      ? null
      : await nullIfRefused(at.capabilities.refusals.gcm, () =>
          at.token.decrypt(mechanism, object, ciphertext, ciphertext.length),
        );
  if (plaintext === null) throw new LinchpinError("decryption_failed");
  return plaintext;
}

async function mac(at: LoggedInToken, { key, data }: OperationOf<"mac">): Promise<Uint8Array> {
  const { object } = await at.keys.find(key);
  return at.token.sign({ mechanism: at.token.binding.CKM_SHA256_HMAC }, object, data, 32);
}

/** The hash is computed here, because many modules sign only a hash. */
async function sign(at: LoggedInToken, { key, data }: OperationOf<"sign">): Promise<Uint8Array> {
  const { object } = await at.keys.find(key);
  const hash = createHash("sha256").update(data).digest();
  return at.token.sign({ mechanism: at.token.binding.CKM_ECDSA }, object, hash, 64);
}

async function agree(at: LoggedInToken, { key, publicPoint }: OperationOf<"agree">): Promise<Uint8Array> {
  const { object } = await at.keys.find(key);
  const mechanism = agreementMechanism(at.token.binding, at.capabilities.peerPointEncoding, publicPoint);
  return at.token.deriveSecret(mechanism, object, 32);
}

/** Null where the module refused the ciphertext. Any other error is thrown on: the token is in trouble then. */
async function nullIfRefused(refusals: readonly string[], decrypt: () => Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await decrypt();
  } catch (error) {
    const returned = returnedCode(error);
    if (returned !== null && (refusals.includes(returned) || dataRefused.test(returned))) return null;
    throw error;
  }
}

const dataRefused = /^CKR_(ENCRYPTED_)?DATA_(INVALID|LEN_RANGE)$/;
