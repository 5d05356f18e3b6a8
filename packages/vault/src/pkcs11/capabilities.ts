import { constants, createECDH, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";
import type { OaepHash, RsaKeyAlgorithm } from "@linchpin/core";
import type { Handle, Mechanism } from "pkcs11js";
import { isRsa, keyAlgorithms, oaepHashes, oaepHashOf } from "../algorithms.ts";
import type { KeyAlgorithm } from "../vault.ts";
import type { Binding } from "./binding.ts";
import { agreementMechanism, gcmMechanism, oaepMechanism, rawRsaMechanism } from "./mechanisms.ts";
import { returnedCode } from "./pkcs11-failure.ts";
import { readEcPublicKey, readRsaPublicKey } from "./public-key.ts";
import type { Token } from "./token.ts";
import { prime256v1 } from "./token-keys.ts";

/**
 * What a token can do. Modules differ, and a module's name says nothing about it, so it is found out by trial, on
 * temporary keys.
 */
export interface Capabilities {
  /** Why the token does not compute an algorithm; null if it does. */
  readonly declined: Readonly<Record<KeyAlgorithm, string | null>>;
  /** The hashes with which the token itself removes OAEP's padding. With others it decrypts, and the caller unpads. */
  readonly opensOaep: readonly OaepHash[];
  /** PKCS#11 2.40 added a length in bits to the parameters of AES-GCM; some modules expect them without it. */
  readonly gcmParameters: GcmParameters;
  /** Whether ECDH expects the other side's point in a DER OCTET STRING, or as it is. PKCS#11 2.40 allows both. */
  readonly peerPointEncoding: PeerPointEncoding;
  /** What the module answers to a made-up ciphertext. Any other error code means that the token is in trouble. */
  readonly refusals: Readonly<Record<"oaep" | "rawRsa" | "gcm", readonly string[]>>;
}

export type PeerPointEncoding = "raw" | "octet-string";
export type GcmParameters = "CK_PARAMS_AES_GCM_v240" | "CK_PARAMS_AES_GCM";

export async function probeCapabilities(token: Token): Promise<Capabilities> {
  const rsa = missingMechanisms(token, rsaMechanisms) === null ? await tryRsa(token) : noRsa;
  const gcm = missingMechanisms(token, mechanisms.A256GCM) === null ? await tryGcm(token) : null;
  const peerPointEncoding = missingMechanisms(token, mechanisms["HPKE-7"]) === null ? await tryAgreement(token) : null;
  const whyDeclined = (algorithm: KeyAlgorithm) => {
    if (isRsa(algorithm)) return missingMechanisms(token, rsaMechanisms) ?? whyRsaDeclined(rsa, oaepHashOf(algorithm));
    if (algorithm === "A256GCM" && gcm === null) return lacks("CKM_AES_GCM with a 16-byte tag");
    if (algorithm === "HPKE-7" && peerPointEncoding === null) return lacks("CKM_ECDH1_DERIVE to a readable secret");
    return missingMechanisms(token, mechanisms[algorithm]);
  };
  return {
    declined: Object.fromEntries(
      keyAlgorithms.map((algorithm) => [algorithm, whyDeclined(algorithm)]),
    ) as Capabilities["declined"],
    opensOaep: rsa.opensOaep,
    gcmParameters: gcm?.parameters ?? "CK_PARAMS_AES_GCM_v240",
    peerPointEncoding: peerPointEncoding ?? "raw",
    refusals: { oaep: rsa.oaepRefusals, rawRsa: rsa.rawRefusals, gcm: gcm?.refusals ?? [] },
  };
}

function missingMechanisms(token: Token, names: readonly MechanismName[]): string | null {
  const missing = names.filter((name) => !token.has(token.binding[name]));
  return missing.length === 0 ? null : lacks(missing.join(", "));
}

function whyRsaDeclined({ decryptsRaw, opensOaep }: RsaTrial, hash: OaepHash | null): string | null {
  if (decryptsRaw) return null;
  if (hash === null) return lacks("CKM_RSA_X_509");
  return opensOaep.includes(hash) ? null : lacks(`CKM_RSA_PKCS_OAEP with ${hash}, and CKM_RSA_X_509`);
}

function lacks(what: string): string {
  return `the token lacks ${what}`;
}

interface RsaTrial {
  /** Whether the token decrypts without removing a padding, and keeps leading zeros (CKM_RSA_X_509). */
  readonly decryptsRaw: boolean;
  readonly rawRefusals: readonly string[];
  readonly opensOaep: readonly OaepHash[];
  readonly oaepRefusals: readonly string[];
}

const noRsa: RsaTrial = { decryptsRaw: false, rawRefusals: [], opensOaep: [], oaepRefusals: [] };

async function tryRsa(token: Token): Promise<RsaTrial> {
  const { privateKey, publicKey } = await makeRsaKey(token);
  const modulus = Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url");
  const decryptBy = (mechanism: Mechanism) => (ciphertext: Uint8Array) =>
    answerTo(() => token.decrypt(mechanism, privateKey, ciphertext, modulus.length));

  const decryptRaw = decryptBy(rawRsaMechanism(token.binding));
  const block = Buffer.concat([Buffer.alloc(20), randomBytes(modulus.length - 20)]);
  const encrypted = publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
  const decryptsRaw = token.has(token.binding.CKM_RSA_X_509) && isEqual(await decryptRaw(encrypted), block);

  const opensOaep: OaepHash[] = [];
  const oaepRefusals: string[] = [];
  for (const hash of oaepHashes) {
    const decryptOaep = decryptBy(oaepMechanism(token.binding, hash));
    const message = randomBytes(32);
    const opens = isEqual(await decryptOaep(publicEncrypt({ key: publicKey, oaepHash: hash }, message)), message);
    if (!opens) continue;
    opensOaep.push(hash);
    oaepRefusals.push(...(await refusalsOf([...extremes(modulus), Buffer.alloc(modulus.length, 1)], decryptOaep)));
  }
  const rawRefusals = decryptsRaw ? await refusalsOf(extremes(modulus), decryptRaw) : [];
  return { decryptsRaw, rawRefusals, opensOaep, oaepRefusals };
}

function isEqual(answer: Buffer | string, expected: Buffer): boolean {
  return Buffer.isBuffer(answer) && answer.equals(expected);
}

/** Null where the token takes neither form of the parameters. */
async function tryGcm(token: Token): Promise<{ parameters: GcmParameters; refusals: string[] } | null> {
  const { binding } = token;
  const key = await token.makeTemporaryKey({ mechanism: binding.CKM_AES_KEY_GEN }, [
    { type: binding.CKA_TOKEN, value: false },
    { type: binding.CKA_PRIVATE, value: true },
    { type: binding.CKA_VALUE_LEN, value: 32 },
    { type: binding.CKA_ENCRYPT, value: true },
    { type: binding.CKA_DECRYPT, value: true },
  ]);
  const [iv, plaintext, associatedData] = [randomBytes(12), randomBytes(24), randomBytes(8)];
  for (const parameters of ["CK_PARAMS_AES_GCM_v240", "CK_PARAMS_AES_GCM"] as const) {
    const mechanism = gcmMechanism(binding, parameters, iv, associatedData);
    const sealed = await answerTo(() => token.encrypt(mechanism, key, plaintext, plaintext.length + 16));
    if (!Buffer.isBuffer(sealed) || sealed.length !== plaintext.length + 16) continue;
    const open = (bytes: Uint8Array) => answerTo(() => token.decrypt(mechanism, key, bytes, bytes.length));
    const opened = await open(sealed);
    const forged = [sealed.map((byte, index) => (index === 0 ? byte ^ 1 : byte)), sealed.subarray(0, 16)];
    if (Buffer.isBuffer(opened) && opened.equals(plaintext))
      return { parameters, refusals: await refusalsOf(forged, open) };
  }
  return null;
}

/** Null where the token agrees on another secret than node:crypto, or gives none out. */
async function tryAgreement(token: Token): Promise<PeerPointEncoding | null> {
  const { binding } = token;
  const { privateKey, publicKey } = await token.makeTemporaryKeyPair(
    { mechanism: binding.CKM_EC_KEY_PAIR_GEN },
    [
      { type: binding.CKA_TOKEN, value: false },
      { type: binding.CKA_DERIVE, value: true },
      { type: binding.CKA_EC_PARAMS, value: prime256v1 },
    ],
    [
      { type: binding.CKA_TOKEN, value: false },
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_DERIVE, value: true },
    ],
  );
  const peer = createECDH("prime256v1");
  const peerPoint = peer.generateKeys();
  const spki = (await readEcPublicKey(token, publicKey)).export({ format: "der", type: "spki" });
  const expected = peer.computeSecret(spki.subarray(-65));
  for (const encoding of ["raw", "octet-string"] as const) {
    const mechanism = agreementMechanism(binding, encoding, peerPoint);
    if (isEqual(await answerTo(() => token.deriveSecret(mechanism, privateKey, 32)), expected)) return encoding;
  }
  return null;
}

async function makeRsaKey(token: Token): Promise<{ privateKey: Handle; publicKey: KeyObject }> {
  const { binding } = token;
  const made = await token.makeTemporaryKeyPair(
    { mechanism: binding.CKM_RSA_PKCS_KEY_PAIR_GEN },
    [
      { type: binding.CKA_TOKEN, value: false },
      { type: binding.CKA_MODULUS_BITS, value: 2048 },
      { type: binding.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
    ],
    [
      { type: binding.CKA_TOKEN, value: false },
      { type: binding.CKA_PRIVATE, value: true },
      { type: binding.CKA_DECRYPT, value: true },
    ],
  );
  return { privateKey: made.privateKey, publicKey: await readRsaPublicKey(token, made.publicKey) };
}

/** Ciphertexts that some modules refuse before they look at the padding: 0, 1 and n-1. */
function extremes(modulus: Buffer): Buffer[] {
  const one = Buffer.alloc(modulus.length);
  one[one.length - 1] = 1;
  const last = Buffer.from(modulus);
  last[last.length - 1] = (last.at(-1) ?? 1) - 1; // the modulus is odd
  return [Buffer.alloc(modulus.length), one, last];
}

async function refusalsOf(
  ciphertexts: readonly Uint8Array[],
  trial: (ciphertext: Uint8Array) => Promise<Buffer | string>,
): Promise<string[]> {
  const answers: (Buffer | string)[] = [];
  for (const ciphertext of ciphertexts) answers.push(await trial(ciphertext));
  return [...new Set(answers.filter((answer) => typeof answer === "string"))];
}

/** The decrypted bytes, or the error code that the module returned. */
async function answerTo(ask: () => Promise<Buffer>): Promise<Buffer | string> {
  try {
    return await ask();
  } catch (error) {
    const returned = returnedCode(error);
    if (returned === null) throw error;
    return returned;
  }
}

type MechanismName = Extract<keyof Binding, `CKM_${string}`>;

/** The mechanisms without which a token can compute an algorithm in no way. */
const rsaMechanisms: readonly MechanismName[] = ["CKM_RSA_PKCS_KEY_PAIR_GEN"];
const mechanisms: Readonly<Record<Exclude<KeyAlgorithm, RsaKeyAlgorithm>, readonly MechanismName[]>> = {
  A256GCM: ["CKM_AES_KEY_GEN", "CKM_AES_GCM"],
  HS256: ["CKM_GENERIC_SECRET_KEY_GEN", "CKM_SHA256_HMAC"],
  ES256: ["CKM_EC_KEY_PAIR_GEN", "CKM_ECDSA"],
  "HPKE-7": ["CKM_EC_KEY_PAIR_GEN", "CKM_ECDH1_DERIVE"],
};
