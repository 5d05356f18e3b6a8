import type { Pin } from "@linchpin/core";
import { parseSealedPin, type SealedPin } from "@linchpin/protocols/solaris/issuer";
import type { PinUpdateRequest, ScaPinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { ChangeRequest } from "@linchpin/store";
import { sha256Hex } from "./audit.ts";
import type { PinOperation } from "./pin-operation.ts";
import { checkCardState } from "./steps/check-card-state.ts";
import { checkSignatureOfDevice } from "./steps/check-device-signature.ts";
import { checkPolicy } from "./steps/check-policy.ts";
import { findCard, findNamedCard } from "./steps/find-card.ts";
import { findKey } from "./steps/find-key.ts";
import { lookForReplay } from "./steps/look-for-replay.ts";
import { openSolarisPin } from "./steps/open-sealed-pin.ts";
import { changePin } from "./use-cases/change-pin.ts";
import { requestPinChange } from "./use-cases/request-pin-change.ts";
import { type VerificationAnswer, verifyPin } from "./use-cases/verify-pin.ts";

// The table of steps: a column an operation, a row a step. `runPinOperation` takes the rows from top to bottom;
// before them, at the rim: limits, the caller's identity, the shape of the request.

type SolarisOperation<Request, Answer> = PinOperation<OfCard & Request, SealedPin, Pin, Answer>;

/** The card as the path names it. */
interface OfCard {
  readonly cardName: string;
}

/** `POST /v1/cards/{card_account_id}/pin_update_requests` */
export const solarisPinUpdate: SolarisOperation<PinUpdateRequest, { version: number }> = {
  name: "solaris.pin_update_requests",
  card: (house, caller, { cardName }) => findNamedCard(house, caller, "solaris", cardName),
  cardState: checkCardState,
  parse: (house, request) => parseSealedPin(house.primitives, request),
  sender: (house, request, card) =>
    checkSignatureOfDevice(house, {
      deviceId: request.device_id,
      personId: card.person.id,
      partnerId: card.partnerId,
      keyPurpose: "restricted",
      text: request.encrypted_pin,
      signatureHex: request.signature,
    }),
  key: (house, { keyId }) => findKey(house, "solaris-pin", keyId),
  replay: lookForReplay,
  open: openSolarisPin,
  policy: checkPolicy,
  settle: (house, { card, sealed, opened, facts }) => changePin(house, { card, pin: opened, mark: sealed, facts }),
  facts: ({ device_id, key_id, device_data }) => ({
    deviceId: device_id,
    keyId: key_id,
    deviceDataSha256: sha256Hex(device_data),
  }),
};

/** `POST /v1/cards/{card_account_id}/sca_pin_update_requests`: the person proves who sent it, afterwards. */
export const solarisScaPinUpdate: SolarisOperation<ScaPinUpdateRequest, ChangeRequest> = {
  name: "solaris.sca_pin_update_requests",
  card: (house, caller, { cardName }) => findNamedCard(house, caller, "solaris", cardName),
  cardState: checkCardState,
  parse: (house, request) => parseSealedPin(house.primitives, request),
  sender: nobody,
  key: (house, { keyId }) => findKey(house, "solaris-pin", keyId),
  replay: lookForReplay,
  open: openSolarisPin,
  policy: checkPolicy,
  settle: (house, { card, sealed, opened, facts }) =>
    requestPinChange(house, { card, pin: opened, mark: sealed, facts }),
  facts: ({ key_id }) => ({ keyId: key_id }),
};

/** `POST /issuer/v1/cards/{id}/pin/verify`: a terminal's question. Not held against the policy: a wrong PIN is a wrong PIN. */
export const issuerPinVerify: SolarisOperation<ScaPinUpdateRequest, VerificationAnswer> = {
  name: "issuer.pin.verify",
  card: (house, _caller, { cardName }) => findCard(house, cardName),
  cardState: checkCardState,
  parse: (house, request) => parseSealedPin(house.primitives, request),
  sender: nobody,
  key: (house, { keyId }) => findKey(house, "solaris-pin", keyId),
  replay: lookForReplay,
  open: openSolarisPin,
  policy: anyPin,
  settle: (house, { card, sealed, opened, facts }) => verifyPin(house, { card, pin: opened, mark: sealed, facts }),
  facts: ({ key_id }) => ({ keyId: key_id }),
};

async function nobody(): Promise<void> {}
async function anyPin(): Promise<void> {}
