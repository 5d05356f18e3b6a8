import { type Pin, type Primitives, solarisPinPolicy } from "@linchpin/core";
import { decryptAesCbc, encryptAesCbc, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import {
  acceptKeySet,
  claimOf,
  type IssuerKey,
  makePinDisplayRequest,
  makePinSetRequest,
  openDisplayedPin,
} from "@linchpin/protocols/worldline/device";
import { refusals } from "@linchpin/protocols/worldline/errors";
import { ask, commit, onPlatform, textOf, type WayWithKeys } from "./exchange.ts";
import { type NewPin, withNewPin } from "./with-new-pin.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

/** A key set of the issuer's, as it was handed over: `publicKey` is base64 of an SPKI in DER. */
export interface KeySet {
  readonly keyId: "01" | "02";
  readonly publicKey: string;
}

interface OfCard extends WayWithKeys {
  /** 16 digits. */
  readonly cardReference: string;
  /** The card's PAN, which the PIN block is bound to. This device holds it in memory: show it nowhere, keep it nowhere. */
  readonly pan: string;
  /** Of the issuer's two, the one that your backend was handed last. */
  readonly keySet: KeySet;
  /** How session keys are wrapped, as agreed with the issuer. Default `oaep`. */
  readonly keyWrap?: "oaep" | "pkcs1";
  /** Default: the platform's WebCrypto. */
  readonly primitives?: WorldlinePrimitives;
}

type WorldlinePrimitives = Pick<Primitives, "randomBytes" | "encryptAesCbc" | "decryptAesCbc" | "wrapRsaOaep">;

/**
 * Sets the PIN.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `public_key_unusable`: no fit key set; `encoding_invalid` for the PAN; `card_unknown`; `refused`: the vendor's answers
 *   say no more; `outcome_unknown`: the old PIN or the new one holds, and a change to the same one decides it
 */
export async function changePin({
  cardReference,
  pan,
  keySet,
  keyWrap,
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...way
}: OfCard & NewPin): Promise<void> {
  const request = await withNewPin(pin, policy, async () => {
    const issuerKey = await acceptedKey(way, keySet, keyWrap);
    return makePinSetRequest(primitives, { pin, pan, issuerKey });
  });
  await commit(way, post(cardReference, "pin", request), refusals, true);
}

/**
 * The PIN, to be shown. Whoever calls wipes it.
 * @throws LinchpinError `public_key_unusable`: no fit key set; `encoding_invalid` for the PAN; `card_unknown`; `refused`: the
 *   vendor's answers say no more; `decryption_failed`: the answer is for another PAN, or not under this session key
 */
export async function revealPin({
  cardReference,
  pan,
  keySet,
  keyWrap,
  primitives = webCrypto,
  ...way
}: OfCard): Promise<Pin> {
  const { request, sessionKey } = await onPlatform(async () =>
    makePinDisplayRequest(primitives, await acceptedKey(way, keySet, keyWrap)),
  );
  try {
    const reply = await ask(way, post(cardReference, "display-pin", request), refusals);
    const pinBlock = textOf(reply?.data?.externalPinAttribute?.pinBlock);
    return await onPlatform(() => openDisplayedPin(primitives, { attribute: { pinBlock }, pan, sessionKey }));
  } finally {
    sessionKey.fill(0);
  }
}

const webCrypto: WorldlinePrimitives = { randomBytes, encryptAesCbc, decryptAesCbc, wrapRsaOaep };

/** The relay knows which issuer the card is of. */
const post = (cardReference: string, operation: string, body: object) =>
  ({
    method: "POST",
    path: `/worldline/cards/${encodeURIComponent(cardReference)}/${operation}`,
    body: JSON.stringify(body),
  }) as const;

async function acceptedKey(way: WayWithKeys, keySet: KeySet, keyWrap: OfCard["keyWrap"]): Promise<IssuerKey> {
  const issuerKey = acceptKeySet(keySet, { keyWrap });
  await way.roots?.vouchFor(way, claimOf(issuerKey));
  return issuerKey;
}
