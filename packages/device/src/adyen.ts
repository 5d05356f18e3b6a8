import { LinchpinError, type Pin, type Primitives, solarisPinPolicy } from "@linchpin/core";
import { decryptAesCbc, encryptAesCbc, randomBytes } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  claimOf,
  type IssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { refusals } from "@linchpin/protocols/adyen/errors";
import type { KeyUse } from "@linchpin/protocols/adyen/wire";
import { ask, commit, onPlatform, textOf, type WayWithKeys } from "./exchange.ts";
import { type NewPin, withNewPin } from "./with-new-pin.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

interface OfCard extends WayWithKeys {
  readonly paymentInstrumentId: string;
  /** How session keys are wrapped, as agreed with the issuer. Default `pkcs1`; `oaep` needs `primitives` that have it. */
  readonly keyWrap?: "pkcs1" | "oaep";
  /** Default: the platform's WebCrypto, without OAEP; `webCryptoPrimitives` of @linchpin/device/webcrypto has it. */
  readonly primitives?: AdyenPrimitives;
}

type AdyenPrimitives = Pick<Primitives, "randomBytes" | "encryptAesCbc" | "decryptAesCbc"> &
  Partial<Pick<Primitives, "wrapRsaOaep">>;

/**
 * Changes the PIN.
 * @returns `completed`, or `pending`: the chip takes it at its next online transaction. `pending` too where the issuer
 *   took the change and its answer was lost
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `public_key_unusable`: the relay handed on no fit key; `pin_refused`; `card_blocked`, `card_terminated`;
 *   `decryption_failed`, `key_expired`, `unavailable`: call again; `outcome_unknown`: the old PIN or the new one holds,
 *   and a change to the same one decides it
 */
export async function changePin({
  paymentInstrumentId,
  keyWrap,
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...way
}: OfCard & NewPin): Promise<"completed" | "pending"> {
  const request = await withNewPin(pin, policy, async () => {
    const issuerKey = await fetchIssuerKey(way, "pinChange", keyWrap);
    return makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
  });
  const reply = await commit(way, post("/pins/change", request), refusals, true);
  const status = reply === undefined ? "pending" : textOf(reply?.status);
  if (status === "completed" || status === "pending") return status;
  throw new LinchpinError("unavailable");
}

/**
 * The PIN, to be shown. Whoever calls wipes it.
 * @throws LinchpinError `public_key_unusable`: the relay handed on no fit key; `decryption_failed`, `key_expired`: call
 *   again; `card_blocked`, `card_terminated`, `pin_blocked`, `pin_not_set`
 */
export async function revealPin({
  paymentInstrumentId,
  keyWrap,
  primitives = webCrypto,
  ...way
}: OfCard): Promise<Pin> {
  const { request, sessionKey } = await onPlatform(async () => {
    const issuerKey = await fetchIssuerKey(way, "pinReveal", keyWrap);
    return makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
  });
  try {
    const reply = await ask(way, post("/pins/reveal", request), refusals);
    const sealed = { encryptedPinBlock: textOf(reply?.encryptedPinBlock), token: textOf(reply?.token) };
    return await onPlatform(() => openRevealedPin(primitives, { reply: sealed, sessionKey }));
  } finally {
    sessionKey.fill(0);
  }
}

const base = "/adyen";
const webCrypto: AdyenPrimitives = { randomBytes, encryptAesCbc, decryptAesCbc };

const post = (path: string, body: object) =>
  ({ method: "POST", path: base + path, body: JSON.stringify(body) }) as const;

async function fetchIssuerKey(way: WayWithKeys, use: KeyUse, keyWrap: OfCard["keyWrap"]): Promise<IssuerKey> {
  const reply = await ask(way, { method: "GET", path: `${base}/publicKey?purpose=${use}` }, refusals);
  const issuerKey = acceptIssuerKey(reply, keyWrap && { keyWrap });
  await way.roots?.vouchFor(way, claimOf(issuerKey, use));
  return issuerKey;
}
