import { bytesFromOctets } from "#encoding";
import { concatBytes } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import type { AgreementKey, Primitives } from "../primitives.ts";
import type { HpkeProfile } from "./hpke-profiles.ts";

// HPKE, RFC 9180: base mode, single shot (§6.1). The steps have the RFC's names in camel case.

/** What both sides know and the message does not contain. `aad` is empty unless given. */
interface HpkeTerms {
  readonly info: Uint8Array;
  readonly aad?: Uint8Array;
}

/** What sealing computes on. */
export type HpkeSealPrimitives = Pick<Primitives, "makeAgreementKey" | "hmac" | "encryptAesGcm">;
export type HpkeOpenPrimitives = Pick<Primitives, "hmac" | "decryptAesGcm">;

/**
 * `SealBase`, to the key `recipientPoint` (`04 ‖ X ‖ Y`, 65 bytes).
 * @returns `enc ‖ ct`: the sender's ephemeral key, `04 ‖ X ‖ Y`, and the ciphertext with its tag of 16 bytes behind
 * @throws LinchpinError `public_key_unusable`: no point of the curve
 */
export async function sealHpke(
  primitives: HpkeSealPrimitives,
  profile: HpkeProfile,
  { recipientPoint, info, aad = nothing }: HpkeTerms & { recipientPoint: Uint8Array },
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { publicPoint: enc, agree } = await primitives.makeAgreementKey();
  const dh = await agree(recipientPoint);
  const [key, nonce] = await deriveKeys(primitives, profile, dh, concatBytes(enc, recipientPoint), info);
  try {
    return concatBytes(enc, await primitives.encryptAesGcm(key, nonce, plaintext, aad));
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
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const enc = sealed.subarray(0, 65);
  const dh = await recipient.agree(enc).catch((error) => {
    throw error.code === "public_key_unusable" ? new LinchpinError("decryption_failed") : error;
  });
  const [key, nonce] = await deriveKeys(primitives, profile, dh, concatBytes(enc, recipient.publicPoint), info);
  try {
    return await primitives.decryptAesGcm(key, nonce, sealed.subarray(65), aad);
  } finally {
    key.fill(0);
  }
}

/** ExtractAndExpand of DHKEM (§4.1), then KeySchedule of mode_base (§5.1). Wipes `dh`. */
async function deriveKeys(
  { hmac }: Pick<Primitives, "hmac">,
  { aeadId, contentKeyBytes }: HpkeProfile,
  dh: Uint8Array,
  kemContext: Uint8Array,
  info: Uint8Array,
): Promise<[key: Uint8Array, nonce: Uint8Array]> {
  // suite_id of each: `"KEM" ‖ I2OSP(kem_id, 2)`, `"HPKE" ‖ I2OSP(kem_id, 2) ‖ I2OSP(kdf_id, 2) ‖ I2OSP(aead_id, 2)`.
  const kem = "KEM\0\x10";
  const suite = `HPKE\0\x10\0\x01\0${String.fromCharCode(aeadId)}`;
  /** LabeledExtract (§4): one HMAC (RFC 5869 §2.2). */
  const extract = (salt: Uint8Array, label: string, value: Uint8Array, before = nothing, behind = nothing) => {
    // Of a label, with the suite_id before it, a character is a byte.
    const data = concatBytes(before, bytesFromOctets(`HPKE-v1${label}`), value, behind);
    return hmac("SHA-256", salt, data).finally(() => data.fill(0));
  };
  /** LabeledExpand (§4): one HMAC too, as no more bytes are asked for than it has (RFC 5869 §2.3). */
  const expand = async (key: Uint8Array, label: string, context: Uint8Array, lengthBytes: number) =>
    (await extract(key, label, context, Uint8Array.of(0, lengthBytes), Uint8Array.of(1))).subarray(0, lengthBytes);

  const dhKey = await extract(noSalt, `${kem}eae_prk`, dh);
  const sharedSecret = await expand(dhKey, `${kem}shared_secret`, kemContext, 32);
  const secret = await extract(sharedSecret, `${suite}secret`, nothing);
  try {
    const modeBase = 0;
    const pskIdHash = await extract(noSalt, `${suite}psk_id_hash`, nothing);
    const context = concatBytes(Uint8Array.of(modeBase), pskIdHash, await extract(noSalt, `${suite}info_hash`, info));
    return [
      await expand(secret, `${suite}key`, context, contentKeyBytes),
      await expand(secret, `${suite}base_nonce`, context, 12),
    ];
  } finally {
    for (const bytes of [dh, dhKey, sharedSecret, secret]) bytes.fill(0);
  }
}

const nothing = new Uint8Array(0);
/** RFC 5869 §2.2: where there is no salt, as many zeros as the hash has bytes. WebCrypto takes no empty HMAC key. */
const noSalt = new Uint8Array(32);
