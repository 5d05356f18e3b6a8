import { constants, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { Handle } from "pkcs11js";
import { gcmMechanism, oaepMechanism, rawRsaMechanism } from "./mechanisms.ts";
import { returnedCode } from "./pkcs11-failure.ts";
import { readRsaPublicKey } from "./public-key.ts";
import type { Token } from "./token.ts";

/** What modules do differently, found out by trial on keys that are thrown away: a module's name tells nothing. */
export interface Capabilities {
  /** Whether the token itself opens RSA-OAEP with SHA-256; otherwise it decrypts, and the padding is taken off outside. */
  readonly opensOaep: boolean;
  /** PKCS#11 2.40 put a length in bits into the parameters of AES-GCM; some modules want them without. */
  readonly gcmParameters: GcmParameters;
  /** What the module answers to a ciphertext that was made up, which else would pass for a broken token. */
  readonly refusals: Readonly<Record<"oaep" | "rawRsa" | "gcm", readonly string[]>>;
}

export type GcmParameters = "CK_PARAMS_AES_GCM_v240" | "CK_PARAMS_AES_GCM";

/** @throws LinchpinError `settings_invalid`: the token lacks what no fallback replaces */
export async function probeCapabilities(token: Token): Promise<Capabilities> {
  const { binding } = token;
  const lacking = requiredMechanisms.filter((name) => !token.has(binding[name]));
  if (lacking.length > 0) throw lacks(lacking.join(", "));
  const rsa = await tryRsa(token);
  const gcm = await tryGcm(token);
  return {
    opensOaep: rsa.opensOaep,
    gcmParameters: gcm.parameters,
    refusals: { oaep: rsa.oaepRefusals, rawRsa: rsa.rawRefusals, gcm: gcm.refusals },
  };
}

async function tryRsa(token: Token) {
  const { binding } = token;
  const { privateKey, publicKey } = await makeRsaKey(token);
  const modulus = Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url");
  const trial = (mechanism: Parameters<Token["decrypt"]>[0]) => (ciphertext: Uint8Array) =>
    answerTo(() => token.decrypt(mechanism, privateKey, ciphertext, modulus.length));
  const [raw, oaep] = [trial(rawRsaMechanism(binding)), trial(oaepMechanism(binding))];

  const block = Buffer.concat([Buffer.alloc(20), randomBytes(modulus.length - 20)]);
  const decrypted = await raw(publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block));
  if (!(Buffer.isBuffer(decrypted) && decrypted.equals(block))) throw lacks("CKM_RSA_X_509 with leading zeros kept");
  const message = randomBytes(32);
  const opened = await oaep(publicEncrypt({ key: publicKey, oaepHash: "sha256" }, message));
  return {
    rawRefusals: await refusalsOf(extremes(modulus), raw),
    opensOaep: Buffer.isBuffer(opened) && opened.equals(message),
    oaepRefusals: await refusalsOf([...extremes(modulus), Buffer.alloc(modulus.length, 1)], oaep),
  };
}

async function tryGcm(token: Token): Promise<{ parameters: GcmParameters; refusals: string[] }> {
  const { binding } = token;
  const key = await token.makeThrowAwayKey({ mechanism: binding.CKM_AES_KEY_GEN }, [
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
  throw lacks("CKM_AES_GCM with a 16-byte tag");
}

async function makeRsaKey(token: Token): Promise<{ privateKey: Handle; publicKey: KeyObject }> {
  const { binding } = token;
  const made = await token.makeThrowAwayKeyPair(
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

/** What some modules refuse before they look at the padding: 0, 1, n-1. */
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

/** The bytes, or the code that the module returned. */
async function answerTo(ask: () => Promise<Buffer>): Promise<Buffer | string> {
  try {
    return await ask();
  } catch (error) {
    const returned = returnedCode(error);
    if (returned === null) throw error;
    return returned;
  }
}

function lacks(what: string): LinchpinError {
  return new LinchpinError("settings_invalid", { reason: `the token of the pkcs11: URI lacks ${what}` });
}

const requiredMechanisms = [
  "CKM_RSA_PKCS_KEY_PAIR_GEN",
  "CKM_RSA_X_509",
  "CKM_AES_KEY_GEN",
  "CKM_AES_GCM",
  "CKM_GENERIC_SECRET_KEY_GEN",
  "CKM_SHA256_HMAC",
  "CKM_EC_KEY_PAIR_GEN",
  "CKM_ECDSA",
] as const;
