import { bytesFromHex, type LinchpinError, openJwe, parseJwe, signatureFromDer, utf8 } from "@linchpin/core";
import { sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import type { Context } from "@linchpin/server/issuer";
import type { DeviceKey } from "@linchpin/store";
import { explainUnwrap } from "@linchpin/vault/sandbox";

/** The house, and what it takes to look inside a message that was refused. */
interface Explaining extends Context {
  /** Null where the keys are in a token: nobody sees there how a key was wrapped. */
  readonly masterKey: Uint8Array | null;
}

/**
 * Why a request was refused, for whoever integrates. Runs after the refusal is decided and told to the audit;
 * nothing it finds can change that. It tries what integrators get wrong, one thing after the other.
 */
export async function explainRefusal(
  context: Explaining,
  error: LinchpinError,
  body: unknown,
): Promise<string | undefined> {
  const { encrypted_pin, key_id, device_id, signature }: Partial<Record<string, string>> = stringMembers(body);
  try {
    if (encrypted_pin !== undefined && error.code === "decryption_failed")
      return (await explainDecryption(context, encrypted_pin)) ?? error.reason;
    if (
      encrypted_pin !== undefined &&
      device_id !== undefined &&
      signature !== undefined &&
      error.code === "signature_invalid"
    )
      return (await explainSignature(context, { encrypted_pin, device_id, signature })) ?? error.reason;
    if (key_id !== undefined && error.code === "key_unknown") return await explainKeyId(context, key_id);
  } catch {
    // What can not be explained is refused all the same.
  }
  return error.reason;
}

async function explainDecryption(context: Explaining, encryptedPin: string): Promise<string | null> {
  if (context.masterKey === null) return null;
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  return explainUnwrap(context.masterKey, await context.keyring.find("solaris-pin", jwe.kid), jwe.wrappedKey);
}

async function explainSignature(
  context: Explaining,
  request: { encrypted_pin: string; device_id: string; signature: string },
): Promise<string | null> {
  const device = await context.store.findDevice(request.device_id);
  const texts = await signedTexts(context, request.encrypted_pin);
  try {
    for (const { data, what } of texts)
      for (const { bytes, form } of signatureForms(bytesFromHex(request.signature)))
        for (const key of device?.keys ?? [])
          if (await context.primitives.verifyEcdsa(key.publicPoint, data, bytes)) return sentence(key, form, what);
    return null;
  } finally {
    for (const { data } of texts) data.fill(0);
  }
}

function sentence(key: DeviceKey, form: string, what: string): string {
  return `the signature is in ${form}, made by the ${key.purpose} key over ${what}; it must be ASN.1 DER, by the restricted key, over the compact JWE`;
}

/** What integrators sign: the JWE, its hash (so that it is hashed twice), and the clear JSON, as the vendor's Swift sample does. The caller wipes it. */
async function signedTexts(context: Explaining, encryptedPin: string): Promise<{ data: Uint8Array; what: string }[]> {
  const jweText = utf8(encryptedPin);
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  const contentKey = await context.keyring.unwrap(
    "solaris-pin",
    jwe.kid,
    jwe.wrappedKey,
    sealedPinProfile.contentKeyBytes,
  );
  const clear = await openJwe(context.primitives, sealedPinProfile, jwe, contentKey).catch(() => null);
  contentKey.fill(0);
  return [
    { data: jweText, what: "the compact JWE" },
    { data: await context.primitives.sha256(jweText), what: "the SHA-256 of the compact JWE (hashed twice)" },
    ...(clear === null ? [] : [{ data: clear, what: "the clear JSON" }]),
  ];
}

function signatureForms(signature: Uint8Array): { bytes: Uint8Array; form: string }[] {
  if (signature.length === 64) return [{ bytes: signature, form: "r‖s form" }];
  try {
    return [{ bytes: signatureFromDer(signature), form: "ASN.1 DER" }];
  } catch {
    return [];
  }
}

async function explainKeyId(context: Explaining, keyId: string): Promise<string> {
  const key = (await context.keyring.list()).find(({ id }) => id === keyId);
  return key === undefined
    ? "no key of this issuer has this id: fetch the latest one before each change"
    : "this is the id of a key for another purpose";
}

function stringMembers(body: unknown): Record<string, string | undefined> {
  const entries = typeof body === "object" && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
