import { concatBytes, utf8 } from "./bytes.ts";
import { LinchpinError } from "./errors.ts";
import type { HpkeProfile } from "./hpke-profiles.ts";
import type { AgreementKey, Primitives } from "./primitives.ts";

// HPKE, RFC 9180: base mode, single shot (§6.1). The steps have the RFC's names in camel case.
//
// LabeledExpand(LabeledExtract(salt, label, ikm), …) is one HKDF over the labeled key, so that the primitives' HKDF serves.

/** One sealed message. */
export interface HpkeMessage {
  /** The sender's ephemeral key, `04 ‖ X ‖ Y`, 65 bytes. */
  readonly enc: Uint8Array;
  /** The tag of 16 bytes behind. */
  readonly ciphertext: Uint8Array;
}

/** What both sides know and the message does not contain. `aad` is empty unless given. */
interface HpkeTerms {
  readonly info: Uint8Array;
  readonly aad?: Uint8Array;
}

/** What sealing computes on. */
export type HpkeSealPrimitives = Pick<Primitives, "makeAgreementKey" | "hmac" | "hkdfSha256" | "encryptAesGcm">;
export type HpkeOpenPrimitives = Pick<Primitives, "hmac" | "hkdfSha256" | "decryptAesGcm">;

/**
 * `SealBase`, to the key `recipientPoint` (`04 ‖ X ‖ Y`, 65 bytes).
 * @throws LinchpinError `public_key_unusable`: no point of the curve
 */
export async function sealHpke(
  primitives: HpkeSealPrimitives,
  profile: HpkeProfile,
  { recipientPoint, info, aad = nothing }: HpkeTerms & { recipientPoint: Uint8Array },
  plaintext: Uint8Array,
): Promise<HpkeMessage> {
  const { publicPoint: enc, agree } = await primitives.makeAgreementKey();
  const dh = await agree(recipientPoint);
  const { key, nonce } = await deriveKeys(primitives, profile, {
    dh,
    kemContext: concatBytes(enc, recipientPoint),
    info,
  });
  try {
    return { enc, ciphertext: await primitives.encryptAesGcm(key, nonce, plaintext, aad) };
  } finally {
    key.fill(0);
  }
}

/**
 * `OpenBase`. The caller wipes what comes back. `key` may be one that stays in a vault.
 * @throws LinchpinError `decryption_failed`, whatever was wrong with the message; what `key.agree` throws of itself
 */
export async function openHpke(
  primitives: HpkeOpenPrimitives,
  profile: HpkeProfile,
  { key: recipient, info, aad = nothing }: HpkeTerms & { key: AgreementKey },
  { enc, ciphertext }: HpkeMessage,
): Promise<Uint8Array<ArrayBuffer>> {
  const dh = await agreeOrFail(recipient, enc);
  const kemContext = concatBytes(enc, recipient.publicPoint);
  const { key, nonce } = await deriveKeys(primitives, profile, { dh, kemContext, info });
  try {
    return await primitives.decryptAesGcm(key, nonce, ciphertext, aad);
  } finally {
    key.fill(0);
  }
}

async function agreeOrFail(key: AgreementKey, enc: Uint8Array): Promise<Uint8Array> {
  try {
    return await key.agree(enc);
  } catch (error) {
    if (error instanceof LinchpinError && error.code === "public_key_unusable")
      throw new LinchpinError("decryption_failed");
    throw error;
  }
}

/** ExtractAndExpand of DHKEM (§4.1), then KeySchedule of mode_base (§5.1). Wipes `dh`. */
async function deriveKeys(
  primitives: Pick<Primitives, "hmac" | "hkdfSha256">,
  { aeadId, contentKeyBytes }: HpkeProfile,
  { dh, kemContext, info }: { dh: Uint8Array; kemContext: Uint8Array; info: Uint8Array },
): Promise<{ key: Uint8Array; nonce: Uint8Array }> {
  // suite_id: `"KEM" ‖ I2OSP(kem_id, 2)`, and `"HPKE" ‖ I2OSP(kem_id, 2) ‖ I2OSP(kdf_id, 2) ‖ I2OSP(aead_id, 2)`.
  const kem = concatBytes(utf8("KEM"), Uint8Array.of(0, 0x10));
  const suite = concatBytes(utf8("HPKE"), Uint8Array.of(0, 0x10, 0, 0x01, 0, aeadId));
  const labeledKey = labeled(kem, "eae_prk", dh);
  const sharedSecret = await expand(primitives, kem, {
    inputKey: labeledKey,
    salt: nothing,
    label: "shared_secret",
    context: kemContext,
    lengthBytes: 32,
  });
  const extract = (label: string, of: Uint8Array) => primitives.hmac("SHA-256", noSalt, labeled(suite, label, of));
  try {
    const [pskIdHash, infoHash] = await Promise.all([extract("psk_id_hash", nothing), extract("info_hash", info)]);
    const secret = {
      inputKey: labeled(suite, "secret", nothing),
      salt: sharedSecret,
      context: concatBytes(modeBase, pskIdHash, infoHash),
    };
    const [key, nonce] = await Promise.all([
      expand(primitives, suite, { ...secret, label: "key", lengthBytes: contentKeyBytes }),
      expand(primitives, suite, { ...secret, label: "base_nonce", lengthBytes: 12 }),
    ]);
    return { key, nonce };
  } finally {
    for (const secret of [dh, labeledKey, sharedSecret]) secret.fill(0);
  }
}

/** LabeledExpand (§4) of what `salt` and `inputKey`, which is labeled already, extract to. */
function expand(
  primitives: Pick<Primitives, "hkdfSha256">,
  suiteId: Uint8Array,
  from: { inputKey: Uint8Array; salt: Uint8Array; label: string; context: Uint8Array; lengthBytes: number },
): Promise<Uint8Array> {
  const { inputKey, salt, label, context, lengthBytes } = from;
  const info = concatBytes(Uint8Array.of(0, lengthBytes), labeled(suiteId, label, context));
  return primitives.hkdfSha256({ inputKey, salt, info, lengthBytes });
}

function labeled(suiteId: Uint8Array, label: string, value: Uint8Array): Uint8Array {
  return concatBytes(utf8("HPKE-v1"), suiteId, utf8(label), value);
}

const nothing = new Uint8Array(0);
/** RFC 5869 §2.2: where there is no salt, as many zeros as the hash has bytes. WebCrypto takes no empty HMAC key. */
const noSalt = new Uint8Array(32);
const modeBase = Uint8Array.of(0);
