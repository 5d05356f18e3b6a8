import { type JwePrimitives, solarisPinPolicy } from "@linchpin/core";
import { encryptAesCbc, hmac, randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin as sealToKey, stripePinKey } from "@linchpin/protocols/stripe/device";
import { refusals } from "@linchpin/protocols/stripe/errors";
import { ask, commit, type WayWithKeys } from "./exchange.ts";
import { type NewPin, withNewPin } from "./with-new-pin.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

interface Sealing extends WayWithKeys, NewPin {
  /** Default: the platform's WebCrypto. */
  readonly primitives?: JwePrimitives;
}

/**
 * Seals a PIN to the issuer's key of this moment. Your backend posts the result as `pin[encrypted_number]`, with its
 * secret key, to create or update a card; each is good for one request.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `public_key_unusable`: the relay handed on no fit key
 */
export async function sealPin({
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...way
}: Sealing): Promise<string> {
  return withNewPin(pin, policy, async () => {
    const issuerKey = acceptIssuerKey(await ask(way, { method: "GET", path: "/stripe/v1/keys" }, refusals));
    await way.roots?.vouchFor(way, { ...stripePinKey, key: issuerKey.key });
    return sealToKey(primitives, { pin, issuerKey });
  });
}

/**
 * Changes the PIN of a card: the relay gets `{"pin":{"encrypted_number":"…"}}`, and posts it as a form.
 * @throws LinchpinError as `sealPin`; `pin_refused`; `card_blocked`, `card_terminated`; `key_expired`: call again;
 *   `outcome_unknown`: the old PIN or the new one holds, and a change to the same one settles it
 */
export async function changePin({ cardId, ...sealing }: Sealing & { readonly cardId: string }): Promise<void> {
  const body = JSON.stringify({ pin: { encrypted_number: await sealPin(sealing) } });
  const path = `/stripe/v1/issuing/cards/${encodeURIComponent(cardId)}`;
  await commit(sealing, { method: "POST", path, body }, refusals, true);
}

const webCrypto: JwePrimitives = { randomBytes, wrapRsaOaep, encryptAesCbc, hmac };
