import { bytesFromOctets, concatBytes } from "./bytes.ts";
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
  const [key, nonce] = await deriveKeys(primitives, profile, dh, concatBytes(enc, recipientPoint), info);
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
  const dh = await recipient.agree(enc).catch((error) => {
    throw error.code === "public_key_unusable" ? new LinchpinError("decryption_failed") : error;
  });
  const [key, nonce] = await deriveKeys(primitives, profile, dh, concatBytes(enc, recipient.publicPoint), info);
  try {
    return await primitives.decryptAesGcm(key, nonce, ciphertext, aad);
  } finally {
    key.fill(0);
  }
}

/** ExtractAndExpand of DHKEM (§4.1), then KeySchedule of mode_base (§5.1). Wipes `dh`. */
async function deriveKeys(
  primitives: Pick<Primitives, "hmac" | "hkdfSha256">,
  { aeadId, contentKeyBytes }: HpkeProfile,
  dh: Uint8Array,
  kemContext: Uint8Array,
  info: Uint8Array,
): Promise<[key: Uint8Array, nonce: Uint8Array]> {
  // suite_id of each: `"KEM" ‖ I2OSP(kem_id, 2)`, `"HPKE" ‖ I2OSP(kem_id, 2) ‖ I2OSP(kdf_id, 2) ‖ I2OSP(aead_id, 2)`.
  const kem = "KEM\0\x10";
  const suite = `HPKE\0\x10\0\x01\0${String.fromCharCode(aeadId)}`;
  const extract = (label: string, value: Uint8Array) =>
    primitives.hmac("SHA-256", noSalt, labeled(suite, label, value));
  /** LabeledExpand of what LabeledExtract makes of `salt` and `inputKey`, which is labeled already. */
  const expand = (
    suiteId: string,
    label: string,
    salt: Uint8Array,
    inputKey: Uint8Array,
    context: Uint8Array,
    lengthBytes: number,
  ) => {
    const expandInfo = concatBytes(Uint8Array.of(0, lengthBytes), labeled(suiteId, label, context));
    return primitives.hkdfSha256({ inputKey, salt, info: expandInfo, lengthBytes });
  };

  const dhKey = labeled(kem, "eae_prk", dh);
  const sharedSecret = await expand(kem, "shared_secret", nothing, dhKey, kemContext, 32);
  try {
    const context = concatBytes(modeBase, await extract("psk_id_hash", nothing), await extract("info_hash", info));
    const secretKey = labeled(suite, "secret", nothing);
    return await Promise.all([
      expand(suite, "key", sharedSecret, secretKey, context, contentKeyBytes),
      expand(suite, "base_nonce", sharedSecret, secretKey, context, 12),
    ]);
  } finally {
    for (const secret of [dh, dhKey, sharedSecret]) secret.fill(0);
  }
}

/** The input of LabeledExtract and LabeledExpand (§4). Of `suiteId` and `label` a character is a byte. */
function labeled(suiteId: string, label: string, value: Uint8Array): Uint8Array {
  return concatBytes(bytesFromOctets(`HPKE-v1${suiteId}${label}`), value);
}

const nothing = new Uint8Array(0);
/** RFC 5869 §2.2: where there is no salt, as many zeros as the hash has bytes. WebCrypto takes no empty HMAC key. */
const noSalt = new Uint8Array(32);
const modeBase = Uint8Array.of(0);
