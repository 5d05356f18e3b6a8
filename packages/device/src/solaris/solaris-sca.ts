import { solarisPinPolicy } from "@linchpin/core";
import { makeScaPinUpdateRequest } from "@linchpin/protocols/solaris/device";
import { refusals } from "@linchpin/protocols/solaris/errors";
import { ask, commit, textOf, type Way, type WayWithKeys } from "../exchange.ts";
import { type NewPin, withNewPin } from "../with-new-pin.ts";
import { fetchIssuerKey } from "./solaris-issuer-key.ts";
import { type OfCard, post, webCrypto } from "./solaris-wire.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

/**
 * Asks for a change that the person confirms by a TAN, which goes out to them; no device is bound. Nothing is changed
 * before `confirmPinChange`: whatever this throws, it can be called again.
 * @returns the id of the change request
 * @throws LinchpinError as `changePin` for PIN, key and card; `mobile_number_missing`
 */
export async function requestPinChange({
  personId,
  cardId,
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...way
}: WayWithKeys & OfCard & NewPin & { personId: string }): Promise<string> {
  const request = await withNewPin(pin, policy, async () =>
    makeScaPinUpdateRequest(primitives, { pin, issuerKey: await fetchIssuerKey(way) }),
  );
  const message = post(`/cards/${encodeURIComponent(cardId)}/sca_pin_update_requests`, request);
  const id = textOf((await ask(way, message, refusals))?.id);
  const authorization = { delivery_method: "mobile_number", person_id: personId };
  await ask(way, post(`/change_requests/${encodeURIComponent(id)}/authorize`, authorization), refusals);
  return id;
}

/**
 * Makes the change that was asked for.
 * @throws LinchpinError `tan_invalid`; `card_blocked`, `card_terminated`; `refused`: the request has ended, ask again;
 *   `outcome_unknown` as `changePin`
 */
export async function confirmPinChange({
  personId,
  changeRequestId,
  tan,
  ...way
}: Way & { personId: string; changeRequestId: string; tan: string }): Promise<void> {
  const path = `/change_requests/${encodeURIComponent(changeRequestId)}/confirm`;
  await commit(way, post(path, { person_id: personId, tan }), refusals, false);
}
