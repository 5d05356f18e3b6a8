import { solarisPinPolicy } from "@linchpin/core";
import { randomBytes, wrapRsaOaep } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type DevicePrimitives,
  lithicKeyPath,
  lithicPinKey,
  sealPin as sealToKey,
} from "@linchpin/protocols/lithic/device";
import { refusals } from "@linchpin/protocols/lithic/errors";
import { ask, commit, type WayWithKeys } from "./exchange.ts";
import { type NewPin, withNewPin } from "./with-new-pin.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

interface Sealing extends WayWithKeys, NewPin {
  /** The issuer's key in PEM, where the app has it compiled in; else it is fetched through the relay. */
  readonly publicKeyPem?: string;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: DevicePrimitives;
}

/**
 * Seals a PIN to the issuer's key. Your backend sends the result as `pin`, with its API key, to create or update a card;
 * each is good for one request.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `public_key_unusable`: the relay handed on no fit key
 */
export async function sealPin({
  pin,
  policy = solarisPinPolicy,
  publicKeyPem,
  primitives = webCrypto,
  ...way
}: Sealing): Promise<string> {
  return withNewPin(pin, policy, async () => {
    const pem = publicKeyPem ?? (await ask(way, { method: "GET", path: `/lithic${lithicKeyPath}` }, refusals));
    const issuerKey = acceptIssuerKey(pem);
    await way.roots?.vouchFor(way, { ...lithicPinKey, key: issuerKey });
    return sealToKey(primitives, { pin, issuerKey });
  });
}

/**
 * Changes the PIN of a card: the relay gets `{"pin":"…"}`.
 * @throws LinchpinError as `sealPin`; `pin_refused`; `card_unknown`, `card_blocked`, `card_terminated`;
 *   `decryption_failed`: the issuer has another key by now; `outcome_unknown`: the old PIN or the new one holds, and a change
 *   to the same one settles it
 */
export async function changePin({ cardToken, ...sealing }: Sealing & { readonly cardToken: string }): Promise<void> {
  const body = JSON.stringify({ pin: await sealPin(sealing) });
  const path = `/lithic/v1/cards/${encodeURIComponent(cardToken)}`;
  await commit(sealing, { method: "PATCH", path, body }, refusals, true);
}

const webCrypto: DevicePrimitives = { randomBytes, wrapRsaOaep };
