import { LinchpinError, type Pin, type Primitives } from "@linchpin/core";
import { decryptAesGcm, hkdfSha256, isP256Point, makeAgreementKey } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardPin } from "@linchpin/protocols/plumery/device";
import { refusals } from "@linchpin/protocols/plumery/errors";
import type { EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import { ask, onPlatform, type Way } from "./exchange.ts";

export { LinchpinError, Pin } from "@linchpin/core";

type RevealPrimitives = Pick<Primitives, "makeAgreementKey" | "isP256Point" | "hkdfSha256" | "decryptAesGcm">;

/**
 * The PIN, to be shown: sealed by the issuer to a key that is made for this one call. Whoever calls wipes the PIN.
 * @throws LinchpinError `decryption_failed`, `encoding_invalid`, `public_key_unusable`: what came is not what the issuer
 *   sealed for this call; `card_unknown`, `card_terminated`; `conflict`: card or PIN is blocked, or there is no PIN; and
 *   what README.md says of the way to the issuer
 */
export async function revealPin({
  cardToken,
  info,
  primitives = webCrypto,
  ...way
}: Way & {
  cardToken: string;
  /** HKDF's, as agreed with the issuer. Default: empty. */
  info?: Uint8Array;
  /** Default: the platform's WebCrypto. */
  primitives?: RevealPrimitives;
}): Promise<Pin> {
  const revealKey = await onPlatform(() => makeRevealKey(primitives));
  const path = `/plumery/internal/v1/cards/${encodeURIComponent(cardToken)}/pin`;
  const headers = { "X-Client-Public-Key": revealKey.publicKeyBase64 };
  const reply = await ask(way, { method: "GET", path, headers }, refusals);
  const payload: EncryptedPayload | undefined = reply?.encryptedPayload;
  if (typeof payload !== "object" || payload === null) throw new LinchpinError("answer_malformed");
  return onPlatform(() => openCardPin(primitives, { revealKey, payload, ...(info && { info }) }));
}

const webCrypto: RevealPrimitives = { makeAgreementKey, isP256Point, hkdfSha256, decryptAesGcm };
