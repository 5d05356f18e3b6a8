import { LinchpinError, solarisPinPolicy } from "@linchpin/core";
import { makeBindDeviceRequest, makePinUpdateRequest, signCode } from "@linchpin/protocols/solaris/device";
import { refusals } from "@linchpin/protocols/solaris/errors";
import type { DeviceBinding, DeviceKeys } from "../device-keys.ts";
import { ask, commit, onPlatform, textOf, type Way, type WayWithKeys } from "../exchange.ts";
import { type NewPin, withNewPin } from "../with-new-pin.ts";
import { fetchIssuerKey } from "./solaris-issuer-key.ts";
import { type OfCard, post, webCrypto } from "./solaris-wire.ts";

export { LinchpinError, Pin, type PinPolicy } from "@linchpin/core";

// Every function also throws what README.md says of the way to the issuer.

interface OfPerson extends Way {
  readonly personId: string;
  readonly keys: DeviceKeys;
}

/**
 * Makes a key that stays on this device, and asks the issuer to take it for the person's. An OTP goes out to them, for
 * `proveBinding`. A binding that this device had is forgotten.
 * @throws LinchpinError `too_many_devices`, `mobile_number_missing`
 */
export async function bindDevice({ personId, keys, ...way }: OfPerson): Promise<void> {
  const key = await onPlatform(() => keys.makeKey());
  const request = makeBindDeviceRequest({ personId, key, key_purpose: "restricted" });
  const reply = await ask(way, post("/mfa/devices", request), refusals);
  const binding = { deviceId: textOf(reply?.id), challengeId: textOf(reply?.challenge?.id), key };
  await onPlatform(() => keys.save(nameOf(personId), binding));
}

/**
 * Proves the binding with the OTP that reached the person.
 * @throws LinchpinError `tan_invalid`: the OTP is not six digits; `device_unbound`; `signature_invalid`: the OTP is wrong;
 *   `challenge_ended`: bind again; `outcome_unknown`: change a PIN, and bind again if that says `device_unverified`
 */
export async function proveBinding({ personId, keys, otp, ...way }: OfPerson & { otp: string }): Promise<void> {
  const { challengeId, key } = await bindingOf(keys, personId);
  const answer = await onPlatform(() => signCode(key, otp));
  const message = post(`/mfa/challenges/signatures/${encodeURIComponent(challengeId)}`, answer);
  await commit(way, { ...message, method: "PUT" }, refusals, false);
}

/**
 * Changes the PIN: seals it to the issuer's key and signs with the device's.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats` before anything is sent;
 *   `device_unbound`, `device_unverified`: bind; `public_key_unusable`: the relay handed on no fit key; `pin_refused`;
 *   `card_blocked`, `card_terminated`; `key_expired`, `key_unknown`: call again; `outcome_unknown`: the old PIN or the
 *   new one holds, and a change to the same one decides it
 */
export async function changePin({
  personId,
  keys,
  cardId,
  pin,
  policy = solarisPinPolicy,
  primitives = webCrypto,
  ...way
}: OfPerson & WayWithKeys & OfCard & NewPin): Promise<void> {
  const request = await withNewPin(pin, policy, async () => {
    const { deviceId, key: restrictedKey } = await bindingOf(keys, personId);
    return makePinUpdateRequest(primitives, { pin, issuerKey: await fetchIssuerKey(way), deviceId, restrictedKey });
  });
  await commit(way, post(`/cards/${encodeURIComponent(cardId)}/pin_update_requests`, request), refusals, true);
}

const nameOf = (personId: string) => `solaris.${personId}`;

async function bindingOf(keys: DeviceKeys, personId: string): Promise<DeviceBinding> {
  const binding = await onPlatform(() => keys.load(nameOf(personId)));
  if (!binding) throw new LinchpinError("device_unbound");
  return binding;
}
