import { type Pin, type Primitives, solarisPinPolicy } from "@linchpin/core";
import { decryptAesGcm, encryptAesGcm, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import {
  claimOf,
  type IssuerKey,
  makePinGet,
  makePinSet,
  openPinGet,
  readIssuerKey,
} from "@linchpin/protocols/spritz/device";
import { refusals } from "@linchpin/protocols/spritz/errors";
import { ask, commit, onPlatform, textOf, type WayWithKeys } from "./exchange.ts";
import { type NewPin, withNewPin } from "./with-new-pin.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

interface OfCard extends WayWithKeys {
  readonly cardId: string;
  /** The issuer's key: a PEM that comes with the app, or from the operator's own origin; never by the relay. */
  readonly publicKey: string;
  /** Whose messages are sent. Default: `spritz`. */
  readonly form?: "spritz" | "rain";
  /** The hash of the key's row, for OAEP and MGF1. Default: `SHA-1` for Spritz, `SHA-512` for Rain. */
  readonly hash?: "SHA-1" | "SHA-512";
  /** Default: the platform's WebCrypto. */
  readonly primitives?: SpritzPrimitives;
}

type SpritzPrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep" | "encryptAesGcm" | "decryptAesGcm">;

/**
 * Changes the PIN.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `public_key_unusable`: no PEM of a fit key; `pin_refused`; `card_blocked`: the card is frozen or cancelled;
 *   `decryption_failed`: the key is not the issuer's, or not for this hash; `outcome_unknown`: the old PIN or the new one
 *   holds, and a change to the same one settles it
 */
export async function changePin({
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...card
}: OfCard & NewPin): Promise<void> {
  const message = await withNewPin(pin, policy, async () =>
    makePinSet(primitives, { pin, issuerKey: await issuerKeyOf(card) }),
  );
  await commit(card, { method: "PUT", ...sent(card, message) }, refusals, true);
}

/**
 * The PIN, to be shown. Whoever calls wipes it.
 * @throws LinchpinError `public_key_unusable`: no PEM of a fit key; `decryption_failed`, `encoding_invalid`: the key is not
 *   the issuer's, or the answer not to this call; `replayed`: the relay sent the request twice, call again;
 *   `card_blocked`: the card is frozen or cancelled; `pin_blocked`, `pin_not_set`
 */
export async function revealPin({ primitives = webCrypto, ...card }: OfCard): Promise<Pin> {
  const { encryptedKey, sessionKey } = await onPlatform(async () => makePinGet(primitives, await issuerKeyOf(card)));
  try {
    const method = card.form === "rain" ? "GET" : "POST";
    const reply = await ask(card, { method, ...sent(card, { encryptedKey }) }, refusals);
    const encryptedPin = { iv: textOf(reply?.encryptedPin?.iv), data: textOf(reply?.encryptedPin?.data) };
    return await onPlatform(() => openPinGet(primitives, { encryptedPin, sessionKey }));
  } finally {
    sessionKey.fill(0);
  }
}

const webCrypto: SpritzPrimitives = { randomBytes, wrapRsaOaep, encryptAesGcm, decryptAesGcm };

/** Rain has the wrapped session key in a header, and its get no body. */
function sent(
  { cardId, form }: OfCard,
  { encryptedKey, ...members }: { readonly encryptedKey: string; readonly encryptedPin?: object },
) {
  const path = `cards/${encodeURIComponent(cardId)}/pin`;
  return form === "rain"
    ? {
        path: `/spritz/v1/issuing/${path}`,
        headers: { SessionId: encryptedKey },
        ...(members.encryptedPin && { body: JSON.stringify(members) }),
      }
    : { path: `/spritz/v1/${path}`, body: JSON.stringify({ encryptedKey, ...members }) };
}

async function issuerKeyOf(card: OfCard): Promise<IssuerKey> {
  const issuerKey = readIssuerKey(card.publicKey, card);
  await card.roots?.vouchFor(card, claimOf(issuerKey));
  return issuerKey;
}
